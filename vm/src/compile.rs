//! From source to bytecode.
//!
//! One walk over the syntax tree gives, for each function, a list of instructions in a loose form
//! (`func`), which is then packed into words (`assemble`). Expressions are described rather than computed for
//! as long as possible (`expr`), so that a value is made where it is wanted; conditions become
//! lists of jumps that are closed when their target appears (`jump`).
//!
//! What it is not: it knows no heap and no machine, and it does not trust itself: what it makes is
//! verified before it runs ([`crate::proto::Sealed`]).
//!
//! Invariants:
//! - it is total: any source gives a prototype or a [`CompileError`];
//! - it recurses only as deep as the tree, which the parser bounds;
//! - whatever it keeps grows through a [`Meter`], and its time is linear in the size of the source.

#![forbid(unsafe_code)]

mod assemble;
mod assign;
mod call;
mod consts;
mod expr;
mod fold;
mod func;
mod jump;
mod labels;
mod loops;
mod message;
mod ops;
mod place;
mod regs;
mod scope;
mod stmt;
#[cfg(test)]
mod tests;

pub use cu_parser::Meter;
use cu_parser::ast::{
    Attrib, Expr, ExprId, ExprKind, FuncId, Function, Line, Pos, StrId, Strings, Tree,
};
use cu_parser::{OutOfMemory, ParseError};

use crate::isa::Op;
use crate::proto::{Collect, Ignore, ProtoData, Sink, Stop, Upvalue, VarKind};
use func::{Func, Ins, Pc};
use jump::{List, NO_PC};
use labels::Labels;
use place::{Ahead, Place};

/// Why there is no prototype.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompileError {
    /// The source is not a valid chunk.
    Syntax {
        /// The line of the error.
        line: u32,
        /// Offset of the token at fault.
        at: u32,
        /// The whole message as a program sees it.
        message: Vec<u8>,
    },
    /// Compiling took more memory than there is.
    OutOfMemory,
}

impl From<ParseError> for CompileError {
    fn from(error: ParseError) -> CompileError {
        match error {
            ParseError::Syntax(error) => CompileError::Syntax {
                line: error.line,
                at: error.at,
                message: error.message,
            },
            ParseError::OutOfMemory => CompileError::OutOfMemory,
        }
    }
}

type Res<T> = Result<T, Failed>;

/// Compiling cannot go on; [`Compiler::error`] says why. It takes no room, so that results stay small.
#[derive(Clone, Copy, Debug)]
struct Failed;

impl From<OutOfMemory> for Failed {
    fn from(_: OutOfMemory) -> Failed {
        Failed
    }
}

impl From<Stop> for Failed {
    fn from(_: Stop) -> Failed {
        Failed
    }
}

/// The lists that compiling takes, to be used again for the next chunk. So a small one needs no memory at all.
#[derive(Debug, Default)]
pub struct Workspace {
    parser: cu_parser::Workspace,
    /// Functions that were compiled, for their memory.
    finished: Funcs,
    labels: Labels,
    /// First word of each instruction of the function that is being assembled.
    places: Vec<u32>,
    /// Its words, and the line of each.
    words: Vec<u64>,
    lines: Vec<Line>,
}

/// Compiles a chunk and gives its functions to a sink, the main one last. That the sink stops looks like running out of
/// memory.
///
/// The main function takes extra arguments; its one upvalue is `_ENV`.
pub fn compile_to(
    work: &mut Workspace,
    source: &[u8],
    chunk_name: &[u8],
    meter: &mut Meter,
    sink: &mut dyn Sink,
) -> Result<(), CompileError> {
    match cu_parser::parse_in(&mut work.parser, source, chunk_name, meter) {
        Ok(()) => compile_tree(work, source, chunk_name, meter, sink),
        Err(error) => Err(first_error(work, error, source, chunk_name, meter)),
    }
}

/// Compiles a chunk to the prototype of its main function, to be looked at.
pub fn compile(
    source: &[u8],
    chunk_name: &[u8],
    meter: &mut Meter,
) -> Result<ProtoData, CompileError> {
    let mut collect = Collect::default();
    let mut work = Workspace::default();
    compile_to(&mut work, source, chunk_name, meter, &mut collect).map(|()| collect.finish())
}

/// Checks whether a chunk can be compiled.
pub fn check(source: &[u8], chunk_name: &[u8], meter: &mut Meter) -> Result<(), CompileError> {
    let mut work = Workspace::default();
    compile_to(&mut work, source, chunk_name, meter, &mut Ignore)
}

/// The error that a compiler finds which reads and compiles in one go: that of the parser, unless the code before it
/// has one.
#[cold]
fn first_error(
    work: &mut Workspace,
    error: ParseError,
    source: &[u8],
    chunk_name: &[u8],
    meter: &mut Meter,
) -> CompileError {
    let ParseError::Syntax(found) = &error else {
        return error.into();
    };
    let end = found.at;
    if cu_parser::parse_before(&mut work.parser, source, chunk_name, end, meter).is_ok()
        && let Err(earlier) = compile_tree(work, source, chunk_name, meter, &mut Ignore)
        && let CompileError::Syntax { at, .. } = &earlier
        && *at < end
    {
        return earlier;
    }
    error.into()
}

fn compile_tree(
    work: &mut Workspace,
    source: &[u8],
    chunk_name: &[u8],
    meter: &mut Meter,
    sink: &mut dyn Sink,
) -> Result<(), CompileError> {
    work.labels.clear();
    let mut compiler = Compiler {
        tree: work.parser.tree(),
        source,
        chunk_name,
        meter,
        sink,
        func: work.finished.pop().unwrap_or_default(),
        outer: Vec::new(),
        finished: &mut work.finished,
        labels: &mut work.labels,
        places: &mut work.places,
        words: &mut work.words,
        lines: &mut work.lines,
        line: 1,
        place: Place {
            line: 1,
            end: 0,
            ahead: Ahead::Nothing,
        },
        exhausted: false,
        error: None,
    };
    compiler.func.reset(0, true);
    let compiled = compiler.chunk();
    let error = compiler.error;
    // A list of functions that cannot grow lets one go.
    let _ = compiler.meter.push(compiler.finished, compiler.func);
    compiled.map_err(|Failed| error.unwrap_or(CompileError::OutOfMemory))
}

/// How many instructions a function is expected to have.
const USUAL_CODE: usize = 60;

/// A name that is in no tree: the `n`th from the end of all indices, which a tree never reaches.
const fn beyond(n: u32) -> StrId {
    match StrId::new(u32::MAX - n) {
        Some(name) => name,
        None => beyond(n + 1),
    }
}

/// Functions, boxed: they change places with the innermost one, which is quicker than with some 300 bytes.
#[allow(clippy::vec_box, reason = "they are moved, see above")]
type Funcs = Vec<Box<Func>>;

/// The state of one compilation.
struct Compiler<'a> {
    tree: &'a Tree,
    source: &'a [u8],
    chunk_name: &'a [u8],
    meter: &'a mut Meter,
    /// Where finished functions go.
    sink: &'a mut dyn Sink,
    /// The innermost function.
    func: Box<Func>,
    /// The functions around it, outermost first.
    outer: Funcs,
    /// Functions that were compiled, for their memory.
    finished: &'a mut Funcs,
    labels: &'a mut Labels,
    /// As in [`Workspace`].
    places: &'a mut Vec<u32>,
    words: &'a mut Vec<u64>,
    lines: &'a mut Vec<Line>,
    /// Line of the last token that the code so far stands for: the line of what is emitted next.
    line: Line,
    /// How far the source has been compiled, for messages.
    place: Place,
    /// There was no memory for an instruction.
    exhausted: bool,
    /// The error that was found; none, if memory ran out.
    error: Option<CompileError>,
}

impl<'a> Compiler<'a> {
    fn chunk(&mut self) -> Res<()> {
        self.sink.source(self.chunk_name)?;
        let upval = Upvalue {
            name: Strings::ENV,
            in_stack: true,
            index: 0,
            kind: VarKind::Regular,
        };
        self.meter.push(&mut self.func.upvals, upval)?;
        if let Some(main) = self.tree.functions.last() {
            self.main(main)?;
        }
        self.assemble(0)
    }

    /// The main function.
    fn main(&mut self, main: &'a Function) -> Res<()> {
        self.emit(Op::VarargPrep, 0, 0, 0, 0);
        self.enter_block(false)?;
        self.statements(&main.body, false)?;
        self.emit_return(0, 1)?;
        self.at(main.body.end_line, main.body.end);
        self.leave_block()
    }

    /// Compiles a nested function and gives its index among the prototypes of the current one.
    fn function(&mut self, id: FuncId) -> Res<u32> {
        let Some(function) = self.tree.functions.get(id.index()) else {
            return Ok(0);
        };
        let mut func = match self.finished.pop() {
            Some(finished) => finished,
            None => {
                self.meter.take(size_of::<Func>())?;
                let mut new = Box::<Func>::default();
                self.meter.expect(&mut new.code, USUAL_CODE);
                new
            }
        };
        func.reset(function.line, function.is_vararg);
        func.first_label = self.labels.n_labels();
        func.first_goto = self.labels.n_gotos();
        let outer = std::mem::replace(&mut self.func, func);
        self.meter.push(&mut self.outer, outer)?;
        self.line = function.line;
        self.enter_block(false)?;
        for (n, &param) in self.tree.list(function.params).iter().enumerate() {
            // Not a word about where the parameter is: that is looked up if there are too many.
            self.place.ahead = Ahead::Param(n as u32);
            self.check_local_limit(0)?;
            self.activate(param, Attrib::None)?;
        }
        let n_params = function.params.len();
        self.func.n_params = n_params as u8;
        if function.is_vararg {
            self.emit(Op::VarargPrep, 0, 0, n_params as u32, 0);
        }
        self.reserve(n_params)?;
        self.statements(&function.body, false)?;
        self.at(
            function.end_line,
            function.body.end.saturating_add(b"end".len() as Pos),
        );
        self.emit_return(0, 1)?;
        self.leave_block()?;
        self.assemble(function.end_line)?;
        if let Some(outer) = self.outer.pop() {
            let finished = std::mem::replace(&mut self.func, outer);
            self.meter.push(self.finished, finished)?;
        }
        let idx = self.func.n_protos;
        self.func.n_protos += 1;
        Ok(idx)
    }

    /// The expression with this id.
    fn expr_at(&self, id: ExprId) -> &'a Expr {
        static NOTHING: Expr = Expr {
            kind: ExprKind::Nil,
            line: 0,
            end: 0,
        };
        self.tree.exprs.get(id.index()).unwrap_or(&NOTHING)
    }

    /// The bytes of a name or string.
    fn bytes(&self, name: StrId) -> &'a [u8] {
        self.tree.strings.get(name)
    }

    /// Notes how far the source has been compiled.
    fn at(&mut self, line: Line, end: Pos) {
        self.line = line;
        self.place = Place {
            line,
            end,
            ahead: Ahead::Nothing,
        };
    }

    /// Notes which token after that place has been compiled as well.
    fn past(&mut self, ahead: Ahead) {
        self.place.ahead = ahead;
    }

    /// Appends an instruction, registers and constants not times 16, and gives its place.
    ///
    /// Without memory it notes that, and whoever compiles statements gives up before the next one. From then on nothing
    /// is appended: places would be given out twice, and a list of jumps could lead back into itself.
    fn emit(&mut self, op: Op, f: u8, a: u32, b: u32, c: u32) -> Pc {
        let ins = Ins {
            op,
            f,
            a,
            b,
            c,
            target: NO_PC,
            line: self.line,
        };
        let pc = self.func.pc();
        self.exhausted = self.exhausted || self.func.push(self.meter, ins).is_err();
        pc
    }

    /// Fails if there was no memory for an instruction.
    fn check_memory(&self) -> Res<()> {
        match self.exhausted {
            true => Err(Failed),
            false => Ok(()),
        }
    }

    /// Appends a jump with an open target; none where the code before never ends.
    fn jump(&mut self) -> List {
        match self.func.is_dead_end() {
            true => List::EMPTY,
            false => List::one(self.emit(Op::Jump, 0, 0, 0, 0)),
        }
    }

    /// Appends a jump back to `target`, where there is a way to it.
    fn loop_back(&mut self, target: Pc) {
        if !self.func.is_dead_end() {
            let pc = self.emit(Op::LoopBack, 0, 0, 0, 0);
            self.func.ins(pc).target = target;
        }
    }

    /// Gives the last instruction another line.
    fn fix_line(&mut self, line: Line) {
        if let Some(ins) = self.func.code.last_mut() {
            ins.line = line;
        }
    }
}
