//! The hand-written parser's tree, as nodes of the grammar.

use cu_grammar::{Node, numeral};
use cu_lexer::Number;
use cu_parser::ast::{
    Attrib, BinaryOp, BlockId, Declared, ExprId, ExprKind, Field, FieldKey, FuncId, Function, List,
    Stat, StatKind, StrId, Suffix, SuffixKind, Tree, UnaryOp,
};

/// The main block.
pub fn nodes(tree: &Tree) -> Node {
    let main = tree.functions.last();
    let main = main.unwrap_or_else(|| panic!("a tree without a main function"));
    Walk { tree }.statements(main.body.stats)
}

struct Walk<'t> {
    tree: &'t Tree,
}

impl Walk<'_> {
    fn text(&self, id: StrId) -> String {
        self.tree.strings.get(id).escape_ascii().to_string()
    }

    fn named(&self, head: &str, name: StrId, children: Vec<Node>) -> Node {
        Node::new(format!("{head} {}", self.text(name)), children)
    }

    fn statements(&self, stats: List<Stat>) -> Node {
        let stats = self.tree.list(stats).iter();
        Node::new("block", stats.map(|stat| self.stat(stat)).collect())
    }

    fn block(&self, id: BlockId) -> Node {
        self.statements(self.tree.block(id).stats)
    }

    fn stat(&self, stat: &Stat) -> Node {
        match stat.kind {
            StatKind::Local { names, exprs } => {
                Node::new("local", vec![self.declared(names), self.list(exprs)])
            }
            StatKind::Assign { targets, exprs } => {
                Node::new("assign", vec![self.list(targets), self.list(exprs)])
            }
            StatKind::Call(call) => Node::new("call-stat", vec![self.expr(call)]),
            StatKind::Do(body) => Node::new("do", vec![self.block(body)]),
            StatKind::While { cond, body } => {
                Node::new("while", vec![self.expr(cond), self.block(body)])
            }
            StatKind::Repeat { body, cond } => {
                Node::new("repeat", vec![self.block(body), self.expr(cond)])
            }
            StatKind::If { arms, otherwise } => {
                let arms = self.tree.list(arms).iter();
                let arm = |arm: &cu_parser::ast::Arm| {
                    Node::new("arm", vec![self.expr(arm.cond), self.block(arm.body)])
                };
                let last = otherwise.map(|body| Node::new("else", vec![self.block(body)]));
                Node::new("if", arms.map(arm).chain(last).collect())
            }
            StatKind::NumericFor(id) | StatKind::GenericFor(id) => {
                let head = match stat.kind {
                    StatKind::NumericFor(_) => "numeric-for",
                    _ => "generic-for",
                };
                let of = &self.tree.loops[id.index()];
                let vars = self.declared(of.vars);
                Node::new(head, vec![vars, self.list(of.exprs), self.block(of.body)])
            }
            StatKind::Function { target, body } => {
                Node::new("function", vec![self.expr(target), self.function(body)])
            }
            StatKind::LocalFunction { name, body } => Node::new(
                "local-function",
                vec![self.declared(name), self.function(body)],
            ),
            StatKind::Label(name) => self.named("label", name, vec![]),
            StatKind::Goto(name) => self.named("goto", name, vec![]),
            StatKind::Break => Node::new("break", vec![]),
            StatKind::Return(exprs) => Node::new("return", self.exprs(exprs)),
        }
    }

    fn declared(&self, names: List<Declared>) -> Node {
        let names = self.tree.list(names).iter();
        let node = |declared: &Declared| {
            let attrib = match declared.attrib {
                Attrib::None => vec![],
                Attrib::Const => vec![Node::new("attrib const", vec![])],
                Attrib::Close => vec![Node::new("attrib close", vec![])],
            };
            self.named("declare", declared.name, attrib)
        };
        Node::new("list", names.map(node).collect())
    }

    fn function(&self, id: FuncId) -> Node {
        let function: &Function = &self.tree.functions[id.index()];
        let params = self.tree.list(function.params).iter();
        let mut params: Vec<Node> = params
            .map(|&name| Node::new(self.text(name), vec![]))
            .collect();
        if function.is_vararg {
            params.push(Node::new("...", vec![]));
        }
        let body = self.statements(function.body.stats);
        Node::new("body", vec![Node::new("parameters", params), body])
    }

    fn exprs(&self, exprs: List<ExprId>) -> Vec<Node> {
        let exprs = self.tree.list(exprs).iter();
        exprs.map(|&expr| self.expr(expr)).collect()
    }

    fn list(&self, exprs: List<ExprId>) -> Node {
        Node::new("list", self.exprs(exprs))
    }

    fn expr(&self, id: ExprId) -> Node {
        match self.tree.exprs[id.index()].kind {
            ExprKind::Nil => Node::new("nil", vec![]),
            ExprKind::True => Node::new("true", vec![]),
            ExprKind::False => Node::new("false", vec![]),
            ExprKind::Vararg => Node::new("vararg", vec![]),
            ExprKind::Integer(value) => number(Number::Integer(value)),
            ExprKind::Float(value) => number(Number::Float(value)),
            ExprKind::String(value) => self.named("string", value, vec![]),
            ExprKind::Name(name) => self.named("name", name, vec![]),
            ExprKind::Function(id) => self.function(id),
            ExprKind::Paren(inner) => Node::new("paren", vec![self.expr(inner)]),
            ExprKind::Suffixed { primary, suffixes } => {
                let suffixes = self.tree.list(suffixes).iter();
                suffixes.fold(self.expr(primary), |of, suffix| self.suffix(of, suffix))
            }
            ExprKind::Table { fields } => {
                let fields = self.tree.list(fields).iter();
                Node::new("table", fields.map(|field| self.field(field)).collect())
            }
            ExprKind::Unary { op, operand, .. } => Node::new(unary(op), vec![self.expr(operand)]),
            ExprKind::Binary { first, links } => {
                let links = self.tree.list(links).iter();
                links.fold(self.expr(first), |left, link| {
                    Node::new(binary(link.op), vec![left, self.expr(link.rhs)])
                })
            }
        }
    }

    fn suffix(&self, of: Node, suffix: &Suffix) -> Node {
        let with = |args: List<ExprId>| {
            let mut parts = self.exprs(args);
            parts.insert(0, of.clone());
            parts
        };
        match suffix.kind {
            SuffixKind::Field(name) => self.named("field", name, vec![of]),
            SuffixKind::Index(key) => Node::new("index", vec![of, self.expr(key)]),
            SuffixKind::Call(args) => Node::new("call", with(args)),
            SuffixKind::Method(name, args) => self.named("method", name, with(args)),
        }
    }

    fn field(&self, field: &Field) -> Node {
        let value = self.expr(field.value);
        match field.key {
            FieldKey::Positional => Node::new("item", vec![value]),
            FieldKey::Name(name) => self.named("item-name", name, vec![value]),
            FieldKey::Expr(key) => Node::new("item-key", vec![self.expr(key), value]),
        }
    }
}

fn number(value: Number) -> Node {
    Node::new(format!("numeral {}", numeral(value)), vec![])
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "unary -",
        UnaryOp::Not => "unary not",
        UnaryOp::Len => "unary #",
        UnaryOp::BNot => "unary ~",
    }
}

fn binary(op: BinaryOp) -> &'static str {
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
