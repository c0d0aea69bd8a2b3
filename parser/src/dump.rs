//! The tree as text: one node a line with its line number, indented below its parent.
//!
//! For golden tests and for looking at. Names and strings are escaped so that the text is ASCII.
//!
//! Walking recurses; the depth of a tree is bounded by the parser.

use crate::ast::{
    Attrib, BinaryOp, Block, Declared, ExprId, ExprKind, Field, FieldKey, FuncId, Line, List, Stat,
    StatKind, StrId, Suffix, SuffixKind, Tree, UnaryOp,
};

/// The main chunk of `tree` and everything in it.
pub fn dump(tree: &Tree) -> String {
    let mut dumper = Dumper {
        tree,
        out: String::new(),
        depth: 0,
    };
    if let Some(main) = tree
        .functions
        .len()
        .checked_sub(1)
        .and_then(|last| FuncId::new(u32::try_from(last).ok()?))
    {
        dumper.function("chunk", main);
    }
    dumper.out
}

struct Dumper<'t> {
    tree: &'t Tree,
    out: String,
    depth: usize,
}

impl<'t> Dumper<'t> {
    /// Writes a line for a node, and below it what `children` writes.
    fn node(&mut self, head: &str, line: Line, children: impl FnOnce(&mut Self)) {
        let indent = "  ".repeat(self.depth);
        self.out.push_str(&format!("{indent}({head} @{line}"));
        self.out.push('\n');
        self.depth += 1;
        children(self);
        self.depth -= 1;
        // Every node ends its last line, so the closing bracket goes before that newline.
        self.out.pop();
        self.out.push_str(")\n");
    }

    fn leaf(&mut self, head: &str, line: Line) {
        self.node(head, line, |_| {});
    }

    fn text(&self, id: StrId) -> String {
        self.tree.strings.get(id).escape_ascii().to_string()
    }

    fn function(&mut self, word: &str, id: FuncId) {
        let Some(function) = self.tree.functions.get(id.index()) else {
            return;
        };
        let mut head = word.to_owned();
        for &param in self.tree.list(function.params) {
            head.push(' ');
            head.push_str(&self.text(param));
        }
        if function.is_vararg {
            head.push_str(" ...");
        }
        self.node(&head, function.line, |dumper| {
            dumper.block("body", &function.body);
            dumper.leaf("end", function.end_line);
        });
    }

    fn block(&mut self, word: &str, block: &Block) {
        self.node(&format!("{word} until"), block.end_line, |dumper| {
            for stat in dumper.tree.list(block.stats) {
                dumper.stat(stat);
            }
        });
    }

    fn declared(&mut self, declared: Declared) {
        let attrib = match declared.attrib {
            Attrib::None => "",
            Attrib::Const => " <const>",
            Attrib::Close => " <close>",
        };
        self.leaf(
            &format!("declare {}{attrib}", self.text(declared.name)),
            declared.line,
        );
    }

    fn stat(&mut self, stat: &Stat) {
        let head = match &stat.kind {
            StatKind::Local { .. } => "local".to_owned(),
            StatKind::Assign { .. } => "assign".to_owned(),
            StatKind::Call(_) => "call".to_owned(),
            StatKind::Do(_) => "do".to_owned(),
            StatKind::While { .. } => "while".to_owned(),
            StatKind::Repeat { .. } => "repeat".to_owned(),
            StatKind::If { .. } => "if".to_owned(),
            StatKind::NumericFor(_) => "numeric-for".to_owned(),
            StatKind::GenericFor(_) => "generic-for".to_owned(),
            StatKind::Function { .. } => "function".to_owned(),
            StatKind::LocalFunction { .. } => "local-function".to_owned(),
            StatKind::Label(name) => format!("label {}", self.text(*name)),
            StatKind::Goto(name) => format!("goto {}", self.text(*name)),
            StatKind::Break => "break".to_owned(),
            StatKind::Return(_) => "return".to_owned(),
        };
        let lines = if stat.end_line == stat.line {
            head
        } else {
            format!("{head} to-line {}", stat.end_line)
        };
        self.node(&lines, stat.line, |dumper| dumper.stat_parts(&stat.kind));
    }

    fn stat_parts(&mut self, kind: &StatKind) {
        match kind {
            StatKind::Local { names, exprs } => {
                self.declared_list(*names);
                self.exprs(*exprs);
            }
            StatKind::Assign { targets, exprs } => {
                let line = self.line_of(self.tree.list(*targets).first());
                self.node("targets", line, |dumper| dumper.exprs(*targets));
                self.exprs(*exprs);
            }
            StatKind::Call(call) => self.expr(*call),
            StatKind::Do(body) => self.block("body", self.tree.block(*body)),
            StatKind::While { cond, body } => {
                self.expr(*cond);
                self.block("body", self.tree.block(*body));
            }
            StatKind::Repeat { body, cond } => {
                self.block("body", self.tree.block(*body));
                self.expr(*cond);
            }
            StatKind::If { arms, otherwise } => {
                for arm in self.tree.list(*arms) {
                    self.expr(arm.cond);
                    self.block("then", self.tree.block(arm.body));
                }
                if let Some(body) = otherwise {
                    self.block("else", self.tree.block(*body));
                }
            }
            StatKind::NumericFor(id) | StatKind::GenericFor(id) => {
                if let Some(head) = self.tree.loops.get(id.index()) {
                    self.declared_list(head.vars);
                    self.exprs(head.exprs);
                    self.block("body", self.tree.block(head.body));
                }
            }
            StatKind::Function { target, body } => {
                self.expr(*target);
                self.function("function", *body);
            }
            StatKind::LocalFunction { name, body } => {
                self.declared_list(*name);
                self.function("function", *body);
            }
            StatKind::Label(_) | StatKind::Goto(_) | StatKind::Break => {}
            StatKind::Return(exprs) => self.exprs(*exprs),
        }
    }

    fn exprs(&mut self, exprs: List<ExprId>) {
        let exprs = self.tree.list(exprs);
        exprs.iter().for_each(|&expr| self.expr(expr));
    }

    fn declared_list(&mut self, names: List<Declared>) {
        let names = self.tree.list(names);
        names.iter().for_each(|&name| self.declared(name));
    }

    fn line_of(&self, id: Option<&ExprId>) -> Line {
        id.and_then(|id| self.tree.exprs.get(id.index()))
            .map_or(0, |expr| expr.line)
    }

    fn expr(&mut self, id: ExprId) {
        let Some(expr) = self.tree.exprs.get(id.index()) else {
            return;
        };
        let line = expr.line;
        match &expr.kind {
            ExprKind::Nil => self.leaf("nil", line),
            ExprKind::True => self.leaf("true", line),
            ExprKind::False => self.leaf("false", line),
            ExprKind::Vararg => self.leaf("vararg", line),
            ExprKind::Integer(value) => self.leaf(&format!("integer {value}"), line),
            ExprKind::Float(value) => self.leaf(&format!("float {value:?}"), line),
            ExprKind::String(value) => {
                self.leaf(&format!("string \"{}\"", self.text(*value)), line)
            }
            ExprKind::Name(name) => self.leaf(&format!("name {}", self.text(*name)), line),
            ExprKind::Function(body) => self.function("function", *body),
            ExprKind::Paren(inner) => self.node("paren", line, |dumper| dumper.expr(*inner)),
            ExprKind::Suffixed { primary, suffixes } => self.node("suffixed", line, |dumper| {
                dumper.expr(*primary);
                let suffixes = dumper.tree.list(*suffixes);
                suffixes.iter().for_each(|suffix| dumper.suffix(suffix));
            }),
            ExprKind::Table { fields } => self.node("table", line, |dumper| {
                let fields = dumper.tree.list(*fields);
                fields.iter().for_each(|field| dumper.field(field));
            }),
            ExprKind::Unary {
                op,
                op_line,
                operand,
            } => {
                self.node(&format!("unary {}", unary_sign(*op)), *op_line, |dumper| {
                    dumper.expr(*operand);
                });
            }
            ExprKind::Binary { first, links } => self.node("binary", line, |dumper| {
                dumper.expr(*first);
                for link in dumper.tree.list(*links) {
                    dumper.node(binary_sign(link.op), link.op_line, |dumper| {
                        dumper.expr(link.rhs)
                    });
                }
            }),
        }
    }

    fn suffix(&mut self, suffix: &Suffix) {
        match &suffix.kind {
            SuffixKind::Field(name) => {
                self.leaf(&format!("field {}", self.text(*name)), suffix.line);
            }
            SuffixKind::Index(key) => self.node("index", suffix.line, |dumper| dumper.expr(*key)),
            SuffixKind::Call(args) => self.node("call", suffix.line, |dumper| dumper.exprs(*args)),
            SuffixKind::Method(name, args) => {
                let head = format!("method {}", self.text(*name));
                self.node(&head, suffix.line, |dumper| dumper.exprs(*args));
            }
        }
    }

    fn field(&mut self, field: &Field) {
        match field.key {
            FieldKey::Positional => {
                self.node("item", field.line, |dumper| dumper.expr(field.value));
            }
            FieldKey::Name(name) => {
                let head = format!("item {}", self.text(name));
                self.node(&head, field.line, |dumper| dumper.expr(field.value));
            }
            FieldKey::Expr(key) => self.node("item", field.line, |dumper| {
                dumper.node("key", field.line, |dumper| dumper.expr(key));
                dumper.expr(field.value);
            }),
        }
    }
}

fn unary_sign(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::Not => "not",
        UnaryOp::Len => "#",
        UnaryOp::BNot => "~",
    }
}

fn binary_sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Mod => "%",
        BinaryOp::Pow => "^",
        BinaryOp::Div => "/",
        BinaryOp::IDiv => "//",
        BinaryOp::BAnd => "&",
        BinaryOp::BOr => "|",
        BinaryOp::BXor => "~",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Concat => "..",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "~=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}
