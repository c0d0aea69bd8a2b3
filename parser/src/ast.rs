//! The syntax tree: what the parser gives and the compiler takes.
//!
//! It is a tree of indices into flat vectors, not of boxes. Every allocation is the growth of a vector,
//! which can fail politely (`Meter::push`), and dropping a tree never recurses, however long a chain of
//! operators or suffixes the source holds.
//!
//! Invariants:
//! - an [`ExprId`], [`FuncId`] or [`StrId`] found in a tree is in range for that tree;
//! - left-associative chains (`a + b + c`, `a.b.c()`) are flat lists, so the depth of a tree is
//!   bounded by the parser's nesting limit (200 levels), and walking it may recurse.

/// Index of an expression in [`Tree::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExprId(pub u32);

/// Index of a function body in [`Tree::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FuncId(pub u32);

/// Index of a name or string constant in [`Tree::strings`]; equal bytes have equal ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StrId(pub u32);

/// A whole chunk.
#[derive(Debug, Default)]
pub struct Tree {
    /// All expressions; children come before their parents.
    pub exprs: Vec<Expr>,
    /// All function bodies; the last one is the main chunk (always vararg, no parameters).
    pub functions: Vec<Function>,
    /// All distinct names and string constants, in order of first use.
    pub strings: Vec<Vec<u8>>,
}

/// A source line, counted from 1.
pub type Line = u32;
/// A byte offset into the source.
pub type Pos = u32;

/// An expression with its place.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Line of its last token (PUC's `lastline` when its code is emitted).
    pub line: Line,
    /// Offset just past its last token: lexing from here gives the `near` token of limit errors.
    pub end: Pos,
}

/// The kinds of expression (manual, section 3.4).
#[derive(Debug)]
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
        suffixes: Vec<Suffix>,
    },
    /// A table constructor.
    Table {
        /// Its fields in order.
        fields: Vec<Field>,
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
        links: Vec<Link>,
    },
}

/// One `op rhs` of a binary chain.
#[derive(Debug)]
pub struct Link {
    /// The operator.
    pub op: BinaryOp,
    /// Line of the operator.
    pub op_line: Line,
    /// The right operand.
    pub rhs: ExprId,
}

/// What may follow a primary expression.
#[derive(Debug)]
pub struct Suffix {
    /// What it is.
    pub kind: SuffixKind,
    /// Line of its first token: for calls, the `(`, string or `{` that opens the arguments.
    pub line: Line,
    /// Line of its last token.
    pub end_line: Line,
}

/// The kinds of suffix.
#[derive(Debug)]
pub enum SuffixKind {
    /// `.name`
    Field(StrId),
    /// `[e]`
    Index(ExprId),
    /// `(args)`, a string or a table
    Call(Vec<ExprId>),
    /// `:name(args)`
    Method(StrId, Vec<ExprId>),
}

/// A field of a table constructor.
#[derive(Debug)]
pub struct Field {
    /// Its kind and key.
    pub key: FieldKey,
    /// Its value.
    pub value: ExprId,
    /// Line of its first token.
    pub line: Line,
}

/// How a field of a constructor is keyed.
#[derive(Debug)]
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
#[derive(Debug)]
pub struct Function {
    /// Parameter names, `self` included for `function a:b()`.
    pub params: Vec<StrId>,
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
#[derive(Debug, Default)]
pub struct Block {
    /// The statements in order; a `Return` is always the last.
    pub stats: Vec<Stat>,
    /// Line of the token before the block (`then`, `do`, ...).
    pub line: Line,
    /// Line of the token that ends the block (`end`, `else`, `until`, end of source, ...).
    pub end_line: Line,
    /// Offset of that token.
    pub end: Pos,
}

/// A statement with its place.
#[derive(Debug)]
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

/// The kinds of statement (manual, section 3.3).
#[derive(Debug)]
pub enum StatKind {
    /// `local names = exprs`
    Local {
        /// The names, at least one.
        names: Vec<Declared>,
        /// The expressions, perhaps none.
        exprs: Vec<ExprId>,
    },
    /// `targets = exprs`; each target is a `Name`, or a `Suffixed` that ends in `Field` or `Index`.
    Assign {
        /// The targets, at least one.
        targets: Vec<ExprId>,
        /// The expressions, at least one.
        exprs: Vec<ExprId>,
    },
    /// A call as a statement: a `Suffixed` that ends in `Call` or `Method`.
    Call(ExprId),
    /// `do ... end`
    Do(Block),
    /// `while cond do ... end`
    While {
        /// The condition.
        cond: ExprId,
        /// The body.
        body: Block,
    },
    /// `repeat ... until cond`; the condition sees the body's locals.
    Repeat {
        /// The body.
        body: Block,
        /// The condition.
        cond: ExprId,
    },
    /// `if ... then ... elseif ... else ... end`
    If {
        /// Conditions with their blocks, at least one.
        arms: Vec<(ExprId, Block)>,
        /// The `else` block.
        otherwise: Option<Block>,
    },
    /// `for var = start, limit, step do ... end`
    NumericFor {
        /// The control variable.
        var: Declared,
        /// Initial value.
        start: ExprId,
        /// Limit.
        limit: ExprId,
        /// Step, 1 when absent.
        step: Option<ExprId>,
        /// The body.
        body: Block,
    },
    /// `for vars in exprs do ... end`
    GenericFor {
        /// The variables, at least one.
        vars: Vec<Declared>,
        /// The expressions, at least one.
        exprs: Vec<ExprId>,
        /// The body.
        body: Block,
    },
    /// `function a.b.c:m() ... end`, as the assignment it stands for; the target as in `Assign`.
    Function {
        /// What is assigned to.
        target: ExprId,
        /// The body.
        body: FuncId,
    },
    /// `local function f() ... end`
    LocalFunction {
        /// The name.
        name: Declared,
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
    Return(Vec<ExprId>),
}
