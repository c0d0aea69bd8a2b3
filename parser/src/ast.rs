//! The syntax tree: what the parser gives and the compiler takes.
//!
//! It is a tree of indices into flat vectors, not of boxes: an expression is known by its [`ExprId`], and
//! every list of children is a [`List`], a stretch of the vector of its kind. Every allocation is the
//! growth of one of a dozen vectors, which can fail politely (`Meter::push`), and dropping a tree never
//! recurses, however long a chain of operators or suffixes the source holds.
//!
//! Invariants:
//! - an [`ExprId`], [`FuncId`], [`StrId`] or [`List`] found in a tree is in range for that tree;
//! - left-associative chains (`a + b + c`, `a.b.c()`) are flat lists, so the depth of a tree is
//!   bounded by the parser's nesting limit (200 levels), and walking it may recurse.

use std::marker::PhantomData;
use std::num::NonZeroU32;

pub use crate::intern::Strings;

/// Declares the type of an index into a vector of the tree.
///
/// It holds the complement, which no list is long enough to make zero: so a result that is an index or a
/// failure has the size of an index, and is passed on in a register.
macro_rules! ids {
    ($($(#[$doc:meta])* $id:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub struct $id(NonZeroU32);

            impl $id {
                /// The id of the node at this index.
                #[inline(always)]
                pub const fn new(index: u32) -> Option<$id> {
                    match NonZeroU32::new(!index) {
                        Some(complement) => Some($id(complement)),
                        None => None,
                    }
                }

                /// The index of the node.
                #[inline(always)]
                pub const fn index(self) -> usize {
                    !self.0.get() as usize
                }
            }
        )*
    };
}

ids! {
    /// Index of an expression in [`Tree::exprs`].
    ExprId;
    /// Index of a function body in [`Tree::functions`].
    FuncId;
    /// Index of a name or string constant in [`Tree::strings`]; equal bytes have equal ids.
    StrId;
    /// Index of a block in [`Tree::blocks`].
    BlockId;
    /// Index of the head of a `for` loop in [`Tree::loops`].
    LoopId;
}

/// Some nodes in a row: a stretch of one of the vectors in [`Lists`]; [`Tree::list`] gives the nodes.
#[derive(Debug, PartialEq, Eq)]
pub struct List<T> {
    pub(crate) start: u32,
    pub(crate) len: u32,
    pub(crate) kind: PhantomData<T>,
}

/// A whole chunk.
#[derive(Debug, Default)]
pub struct Tree {
    /// All expressions; children come before their parents.
    pub exprs: Vec<Expr>,
    /// All function bodies; the last one is the main chunk (always vararg, no parameters).
    pub functions: Vec<Function>,
    /// All blocks but those of functions.
    pub blocks: Vec<Block>,
    /// The heads of all `for` loops.
    pub loops: Vec<ForLoop>,
    /// All distinct names and string constants, in order of first use, after those that every tree has.
    pub strings: Strings,
    /// What the lists of all nodes hold.
    pub lists: Lists,
}

/// The nodes of all lists, those of one list side by side.
#[derive(Debug, Default)]
pub struct Lists {
    pub(crate) exprs: Vec<ExprId>,
    pub(crate) names: Vec<StrId>,
    pub(crate) declared: Vec<Declared>,
    pub(crate) suffixes: Vec<Suffix>,
    pub(crate) links: Vec<Link>,
    pub(crate) fields: Vec<Field>,
    pub(crate) arms: Vec<Arm>,
    pub(crate) stats: Vec<Stat>,
}

/// A kind of node that stands in lists.
pub trait Listed: Copy {
    /// The vector of this kind.
    fn all(lists: &Lists) -> &Vec<Self>;
    /// The same, to add to it.
    fn all_mut(lists: &mut Lists) -> &mut Vec<Self>;
}

macro_rules! listed {
    ($($field:ident: $kind:ty;)*) => {
        $(impl Listed for $kind {
            fn all(lists: &Lists) -> &Vec<Self> {
                &lists.$field
            }

            fn all_mut(lists: &mut Lists) -> &mut Vec<Self> {
                &mut lists.$field
            }
        })*

        impl Lists {
            /// Removes all nodes and keeps the memory.
            pub(crate) fn clear(&mut self) {
                $(self.$field.clear();)*
            }
        }
    };
}

listed! {
    exprs: ExprId;
    names: StrId;
    declared: Declared;
    suffixes: Suffix;
    links: Link;
    fields: Field;
    arms: Arm;
    stats: Stat;
}

impl Tree {
    /// Removes everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.exprs.clear();
        self.functions.clear();
        self.blocks.clear();
        self.loops.clear();
        self.strings.clear();
        self.lists.clear();
    }

    /// The block with this id.
    pub fn block(&self, id: BlockId) -> &Block {
        static NOTHING: Block = Block {
            stats: List::EMPTY,
            line: 0,
            end_line: 0,
            end: 0,
        };
        self.blocks.get(id.index()).unwrap_or(&NOTHING)
    }

    /// The nodes of a list.
    #[inline(always)]
    pub fn list<T: Listed>(&self, list: List<T>) -> &[T] {
        let start = list.start as usize;
        T::all(&self.lists)
            .get(start..start + list.len as usize)
            .unwrap_or_default()
    }
}

impl<T> List<T> {
    /// The list without nodes.
    pub const EMPTY: List<T> = List {
        start: 0,
        len: 0,
        kind: PhantomData,
    };

    /// How many nodes it has.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Whether it has none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}

impl<T> Clone for List<T> {
    fn clone(&self) -> List<T> {
        *self
    }
}

impl<T> Copy for List<T> {}

/// A source line, counted from 1.
pub type Line = u32;
/// A byte offset into the source.
pub type Pos = u32;

/// An expression with its place.
#[derive(Clone, Copy, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Line of its last token (PUC's `lastline` when its code is emitted).
    pub line: Line,
    /// Offset just past its last token: lexing from here gives the `near` token of limit errors.
    pub end: Pos,
}

/// The kinds of expression (manual, section 3.4).
#[derive(Clone, Copy, Debug)]
pub enum ExprKind {
    /// `nil`
    Nil,
    /// `true`
    True,
    /// `false`
    False,
    /// `...`
    Vararg,
    /// An integer numeral.
    Integer(i64),
    /// A float numeral.
    Float(f64),
    /// A literal string.
    String(StrId),
    /// A variable: local, upvalue or global, not yet resolved.
    Name(StrId),
    /// `function ... end`
    Function(FuncId),
    /// `( e )`, which cuts several results to one.
    Paren(ExprId),
    /// A primary expression (`Name` or `Paren`) and what follows it. Never empty.
    Suffixed {
        /// The name or parenthesised expression at the start.
        primary: ExprId,
        /// Fields, indices and calls, left to right.
        suffixes: List<Suffix>,
    },
    /// A table constructor.
    Table {
        /// Its fields in order.
        fields: List<Field>,
    },
    /// A unary operation.
    Unary {
        /// The operator.
        op: UnaryOp,
        /// Line of the operator.
        op_line: Line,
        /// The operand.
        operand: ExprId,
    },
    /// Binary operations applied left to right: `((first op rhs) op rhs) ...`. Never empty.
    ///
    /// One `Binary` node is one activation of the precedence climber: each link applies to
    /// everything before it. A right-associative or tighter-binding operand is a node of its own.
    Binary {
        /// The leftmost operand.
        first: ExprId,
        /// Operators with their right operands.
        links: List<Link>,
    },
}

/// One `op rhs` of a binary chain.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// The operator.
    pub op: BinaryOp,
    /// Line of the operator.
    pub op_line: Line,
    /// The right operand.
    pub rhs: ExprId,
}

/// What may follow a primary expression.
#[derive(Clone, Copy, Debug)]
pub struct Suffix {
    /// What it is.
    pub kind: SuffixKind,
    /// Line of its first token: for calls, the `(`, string or `{` that opens the arguments.
    pub line: Line,
    /// Line of its last token.
    pub end_line: Line,
}

/// The kinds of suffix.
#[derive(Clone, Copy, Debug)]
pub enum SuffixKind {
    /// `.name`
    Field(StrId),
    /// `[e]`
    Index(ExprId),
    /// `(args)`, a string or a table
    Call(List<ExprId>),
    /// `:name(args)`
    Method(StrId, List<ExprId>),
}

/// A field of a table constructor.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its kind and key.
    pub key: FieldKey,
    /// Its value.
    pub value: ExprId,
    /// Line of its first token.
    pub line: Line,
}

/// How a field of a constructor is keyed.
#[derive(Clone, Copy, Debug)]
pub enum FieldKey {
    /// `value`
    Positional,
    /// `name = value`
    Name(StrId),
    /// `[e] = value`
    Expr(ExprId),
}

/// Unary operators, in the manual's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `not`
    Not,
    /// `#`
    Len,
    /// `~`
    BNot,
}

/// Binary operators (manual, section 3.4.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `%`
    Mod,
    /// `^`
    Pow,
    /// `/`
    Div,
    /// `//`
    IDiv,
    /// `&`
    BAnd,
    /// `|`
    BOr,
    /// `~`
    BXor,
    /// `<<`
    Shl,
    /// `>>`
    Shr,
    /// `..`
    Concat,
    /// `==`
    Eq,
    /// `~=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `and`
    And,
    /// `or`
    Or,
}

/// A function body.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Parameter names, `self` included for `function a:b()`.
    pub params: List<StrId>,
    /// Whether the parameter list ends in `...`.
    pub is_vararg: bool,
    /// The statements.
    pub body: Block,
    /// Line where the function is said to begin, as in PUC: of the word `function` when that begins
    /// a statement; of the `(` for an anonymous or a local function; 0 for the main chunk.
    pub line: Line,
    /// Line of the closing `end` (for the main chunk: line of the end of the source).
    pub end_line: Line,
}

/// A list of statements with a scope of its own.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// The statements in order; a `Return` is always the last.
    pub stats: List<Stat>,
    /// Line of the token before the block (`then`, `do`, ...).
    pub line: Line,
    /// Line of the token that ends the block (`end`, `else`, `until`, end of source, ...).
    pub end_line: Line,
    /// Offset of that token.
    pub end: Pos,
}

/// A condition of an `if` with its block.
#[derive(Clone, Copy, Debug)]
pub struct Arm {
    /// The condition.
    pub cond: ExprId,
    /// The block.
    pub body: BlockId,
}

/// A `for` loop of either kind.
#[derive(Clone, Copy, Debug)]
pub struct ForLoop {
    /// The variables: one in a numeric loop, at least one in a generic loop.
    pub vars: List<Declared>,
    /// Initial value, limit and perhaps step of a numeric loop; what a generic loop iterates over.
    pub exprs: List<ExprId>,
    /// Line of the first token of the expressions.
    pub exprs_line: Line,
    /// The body.
    pub body: BlockId,
}

/// A statement with its place.
#[derive(Clone, Copy, Debug)]
pub struct Stat {
    /// What it is.
    pub kind: StatKind,
    /// Line of its first token.
    pub line: Line,
    /// Line of its last token.
    pub end_line: Line,
    /// Offset just past its last token.
    pub end: Pos,
}

/// A name declared by `local` or as a loop variable.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// The name.
    pub name: StrId,
    /// `<const>`, `<close>` or neither.
    pub attrib: Attrib,
    /// Offset just past the name, before its attribute: lexing from here gives the `near` token of
    /// "too many local variables".
    pub end: Pos,
    /// Line of the name.
    pub line: Line,
}

/// Attribute of a local variable (manual, section 3.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attrib {
    /// An ordinary variable.
    None,
    /// `<const>`
    Const,
    /// `<close>`; at most one in a `local` statement.
    Close,
}

// WebAssembly copies up to 32 bytes with loads and stores, and more with the slow `memory.copy`.
const _: () = assert!(size_of::<Stat>() <= 32 && size_of::<Expr>() <= 24);

/// The kinds of statement (manual, section 3.3).
#[derive(Clone, Copy, Debug)]
pub enum StatKind {
    /// `local names = exprs`
    Local {
        /// The names, at least one.
        names: List<Declared>,
        /// The expressions, perhaps none.
        exprs: List<ExprId>,
    },
    /// `targets = exprs`; each target is a `Name`, or a `Suffixed` that ends in `Field` or `Index`.
    Assign {
        /// The targets, at least one.
        targets: List<ExprId>,
        /// The expressions, at least one.
        exprs: List<ExprId>,
    },
    /// A call as a statement: a `Suffixed` that ends in `Call` or `Method`.
    Call(ExprId),
    /// `do ... end`
    Do(BlockId),
    /// `while cond do ... end`
    While {
        /// The condition.
        cond: ExprId,
        /// The body.
        body: BlockId,
    },
    /// `repeat ... until cond`; the condition sees the body's locals.
    Repeat {
        /// The body.
        body: BlockId,
        /// The condition.
        cond: ExprId,
    },
    /// `if ... then ... elseif ... else ... end`
    If {
        /// Conditions with their blocks, at least one.
        arms: List<Arm>,
        /// The `else` block.
        otherwise: Option<BlockId>,
    },
    /// `for var = start, limit, step do ... end`
    NumericFor(LoopId),
    /// `for vars in exprs do ... end`
    GenericFor(LoopId),
    /// `function a.b.c:m() ... end`, as the assignment it stands for; the target as in `Assign`.
    Function {
        /// What is assigned to.
        target: ExprId,
        /// The body.
        body: FuncId,
    },
    /// `local function f() ... end`
    LocalFunction {
        /// The name, one.
        name: List<Declared>,
        /// The body.
        body: FuncId,
    },
    /// `::name::`
    Label(StrId),
    /// `goto name`
    Goto(StrId),
    /// `break`
    Break,
    /// `return exprs`
    Return(List<ExprId>),
}
