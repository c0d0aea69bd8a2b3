//! The grammar of statements, blocks and function bodies (manual, sections 3.3 and 9).

use crate::ast::{
    Arm, Attrib, Block, BlockId, Declared, ExprId, ExprKind, ForLoop, FuncId, Function, Line, List,
    Stat, StatKind, StrId, Suffix, SuffixKind,
};
use crate::error::Complaint;
use crate::parse::{Parser, Result};
use cu_lexer::TokenKind;

/// Variables and expressions of a `for` loop, and the line where the expressions begin.
type LoopHead = (List<Declared>, List<ExprId>, Line);

impl Parser<'_, '_> {
    /// `block`: statements up to a token that ends a block, which is not read.
    pub fn statements(&mut self) -> Result<Block> {
        let stats = self.begin_list::<Stat>();
        let line = self.last_line;
        while !self.at_block_end(true) {
            let is_return = self.at(TokenKind::Return);
            if let Some(stat) = self.statement()? {
                self.add(stat)?;
            }
            if is_return {
                break;
            }
        }
        let stats = self.end_list(stats)?;
        Ok(self.block_ending_here(line, stats))
    }

    /// Whether the current token ends a block; `until` does so only for `repeat`.
    fn at_block_end(&self, with_until: bool) -> bool {
        match self.token.kind {
            TokenKind::Else | TokenKind::Elseif | TokenKind::End | TokenKind::Eos => true,
            TokenKind::Until => with_until,
            _ => false,
        }
    }

    /// `stat`; an empty one gives nothing.
    fn statement(&mut self) -> Result<Option<Stat>> {
        self.enter()?;
        let line = self.token.line;
        if self.eat(TokenKind::Semicolon)? {
            self.leave(1);
            return Ok(None);
        }
        let kind = self.stat_kind(line)?;
        self.leave(1);
        Ok(Some(Stat {
            kind,
            line,
            end_line: self.last_line,
            end: self.last_end,
        }))
    }

    /// Any other statement. Each arm is one call: this is on the native stack once a level.
    fn stat_kind(&mut self, line: Line) -> Result<StatKind> {
        match self.token.kind {
            TokenKind::If => self.if_stat(line),
            TokenKind::While => self.while_stat(line),
            TokenKind::Do => self.do_stat(line),
            TokenKind::For => self.for_stat(line),
            TokenKind::Repeat => self.repeat_stat(line),
            TokenKind::Function => self.function_stat(line),
            TokenKind::Local => self.local_stat(),
            TokenKind::DoubleColon => self.label_stat(),
            TokenKind::Return => self.return_stat(),
            TokenKind::Break => self.break_stat(),
            TokenKind::Goto => self.goto_stat(),
            _ => self.expr_stat(),
        }
    }

    #[inline(never)]
    fn if_stat(&mut self, line: Line) -> Result<StatKind> {
        let arms = self.begin_list::<Arm>();
        loop {
            self.advance()?;
            let cond = self.expr()?;
            self.expect(TokenKind::Then)?;
            let body = self.block()?;
            self.add(Arm { cond, body })?;
            if !self.at(TokenKind::Elseif) {
                break;
            }
        }
        let otherwise = if self.eat(TokenKind::Else)? {
            Some(self.block()?)
        } else {
            None
        };
        self.expect_closing(TokenKind::End, TokenKind::If, line)?;
        let arms = self.end_list(arms)?;
        Ok(StatKind::If { arms, otherwise })
    }

    /// `block`, known by its id.
    fn block(&mut self) -> Result<BlockId> {
        let block = self.statements()?;
        self.add_block(block)
    }

    fn do_stat(&mut self, line: Line) -> Result<StatKind> {
        self.advance()?;
        let body = self.block()?;
        self.expect_closing(TokenKind::End, TokenKind::Do, line)?;
        Ok(StatKind::Do(body))
    }

    #[inline(never)]
    fn while_stat(&mut self, line: Line) -> Result<StatKind> {
        self.advance()?;
        let cond = self.expr()?;
        self.expect(TokenKind::Do)?;
        let body = self.block()?;
        self.expect_closing(TokenKind::End, TokenKind::While, line)?;
        Ok(StatKind::While { cond, body })
    }

    #[inline(never)]
    fn repeat_stat(&mut self, line: Line) -> Result<StatKind> {
        self.advance()?;
        let body = self.block()?;
        self.expect_closing(TokenKind::Until, TokenKind::Repeat, line)?;
        let cond = self.expr()?;
        Ok(StatKind::Repeat { body, cond })
    }

    #[inline(never)]
    fn for_stat(&mut self, line: Line) -> Result<StatKind> {
        self.advance()?;
        let var = self.declared_name()?;
        let is_generic = match self.token.kind {
            TokenKind::Assign => false,
            TokenKind::Comma | TokenKind::In => true,
            _ if self.at_end => false,
            _ => return self.fail(Complaint::EqualsOrIn),
        };
        // The heads are read by functions that have returned when the body is read: nested loops take less of the stack.
        let (vars, exprs, exprs_line) = match is_generic {
            true => self.generic_head(var)?,
            false => self.numeric_head(var)?,
        };
        self.expect(TokenKind::Do)?;
        let body = self.block()?;
        self.expect_closing(TokenKind::End, TokenKind::For, line)?;
        let id = self.add_loop(ForLoop {
            vars,
            exprs,
            exprs_line,
            body,
        })?;
        Ok(match is_generic {
            true => StatKind::GenericFor(id),
            false => StatKind::NumericFor(id),
        })
    }

    #[inline(never)]
    fn numeric_head(&mut self, var: Declared) -> Result<LoopHead> {
        self.expect(TokenKind::Assign)?;
        let vars = self.one_declared(var)?;
        let exprs_line = self.token.line;
        let exprs = self.begin_list::<ExprId>();
        let start = self.expr()?;
        self.add(start)?;
        self.expect(TokenKind::Comma)?;
        let limit = self.expr()?;
        self.add(limit)?;
        if self.eat(TokenKind::Comma)? {
            let step = self.expr()?;
            self.add(step)?;
        }
        Ok((vars, self.end_list(exprs)?, exprs_line))
    }

    #[inline(never)]
    fn generic_head(&mut self, first: Declared) -> Result<LoopHead> {
        let vars = self.begin_list::<Declared>();
        self.add(first)?;
        while self.eat(TokenKind::Comma)? {
            let var = self.declared_name()?;
            self.add(var)?;
        }
        let vars = self.end_list(vars)?;
        self.expect(TokenKind::In)?;
        let exprs_line = self.token.line;
        Ok((vars, self.expr_list()?, exprs_line))
    }

    fn one_declared(&mut self, name: Declared) -> Result<List<Declared>> {
        let list = self.begin_list::<Declared>();
        self.add(name)?;
        self.end_list(list)
    }

    /// `function funcname funcbody`
    #[inline(never)]
    fn function_stat(&mut self, line: Line) -> Result<StatKind> {
        self.advance()?;
        let name = self.name()?;
        let primary = self.add_expr(ExprKind::Name(name))?;
        let suffixes = self.begin_list::<Suffix>();
        let mut is_method = false;
        while !is_method && (self.at(TokenKind::Dot) || self.at(TokenKind::Colon)) {
            is_method = self.at(TokenKind::Colon);
            let line = self.token.line;
            self.advance()?;
            let kind = SuffixKind::Field(self.name()?);
            self.add(Suffix {
                kind,
                line,
                end_line: self.last_line,
            })?;
        }
        let suffixes = self.end_list(suffixes)?;
        let target = if suffixes.is_empty() {
            primary
        } else {
            self.add_expr(ExprKind::Suffixed { primary, suffixes })?
        };
        let body = self.function_body(is_method, line)?;
        Ok(StatKind::Function { target, body })
    }

    fn local_stat(&mut self) -> Result<StatKind> {
        self.advance()?;
        if self.eat(TokenKind::Function)? {
            self.local_function()
        } else {
            self.local_variables()
        }
    }

    /// `local function Name funcbody`, from the name on.
    #[inline(never)]
    fn local_function(&mut self) -> Result<StatKind> {
        let name = self.declared_name()?;
        let name = self.one_declared(name)?;
        let line = self.token.line;
        let body = self.function_body(false, line)?;
        Ok(StatKind::LocalFunction { name, body })
    }

    /// `local attnamelist ['=' explist]`, from the first name on.
    #[inline(never)]
    fn local_variables(&mut self) -> Result<StatKind> {
        let names = self.begin_list::<Declared>();
        let mut has_close = false;
        loop {
            let mut declared = self.declared_name()?;
            declared.attrib = self.attrib()?;
            if declared.attrib == Attrib::Close {
                if has_close {
                    return self.fail(Complaint::SeveralToBeClosed);
                }
                has_close = true;
            }
            self.add(declared)?;
            if !self.eat(TokenKind::Comma)? {
                break;
            }
        }
        let names = self.end_list(names)?;
        let exprs = if self.eat(TokenKind::Assign)? {
            self.expr_list()?
        } else {
            List::EMPTY
        };
        Ok(StatKind::Local { names, exprs })
    }

    /// The name of a new variable.
    fn declared_name(&mut self) -> Result<Declared> {
        let name = self.name()?;
        Ok(Declared {
            name,
            attrib: Attrib::None,
            end: self.last_end,
            line: self.last_line,
        })
    }

    /// `['<' Name '>']`
    fn attrib(&mut self) -> Result<Attrib> {
        if !self.eat(TokenKind::Less)? {
            return Ok(Attrib::None);
        }
        let name = self.name()?;
        self.expect(TokenKind::Greater)?;
        match self.tree.strings.get(name) {
            b"const" => Ok(Attrib::Const),
            b"close" => Ok(Attrib::Close),
            _ if self.at_end => Ok(Attrib::None),
            _ => {
                let unknown = self.copy_bytes(name)?;
                self.fail(Complaint::UnknownAttribute(unknown))
            }
        }
    }

    fn label_stat(&mut self) -> Result<StatKind> {
        self.advance()?;
        let name = self.name()?;
        self.expect(TokenKind::DoubleColon)?;
        Ok(StatKind::Label(name))
    }

    fn goto_stat(&mut self) -> Result<StatKind> {
        self.advance()?;
        Ok(StatKind::Goto(self.name()?))
    }

    fn break_stat(&mut self) -> Result<StatKind> {
        self.advance()?;
        Ok(StatKind::Break)
    }

    fn return_stat(&mut self) -> Result<StatKind> {
        self.advance()?;
        let no_values = self.at_block_end(true) || self.at(TokenKind::Semicolon);
        let exprs = if no_values {
            List::EMPTY
        } else {
            self.expr_list()?
        };
        self.eat(TokenKind::Semicolon)?;
        Ok(StatKind::Return(exprs))
    }

    /// A call or an assignment.
    #[inline(never)]
    fn expr_stat(&mut self) -> Result<StatKind> {
        let first = self.suffixed_expr()?;
        if self.at(TokenKind::Assign) || self.at(TokenKind::Comma) {
            return self.assignment(first);
        }
        if self.last_suffix_is_call(first) {
            return Ok(StatKind::Call(first));
        }
        if self.at_end {
            // What it would have become is not known.
            return Ok(StatKind::Return(List::EMPTY));
        }
        self.fail(Complaint::SyntaxError)
    }

    /// `varlist '=' explist`, after its first target. Each further target is a level, as in PUC.
    #[inline(never)]
    fn assignment(&mut self, first: ExprId) -> Result<StatKind> {
        let targets = self.begin_list::<ExprId>();
        let mut target = first;
        let mut n_levels = 0;
        loop {
            if !self.is_assignable(target) {
                return self.fail(Complaint::SyntaxError);
            }
            self.add(target)?;
            if !self.eat(TokenKind::Comma)? {
                break;
            }
            target = self.suffixed_expr()?;
            self.enter()?;
            n_levels += 1;
        }
        let targets = self.end_list(targets)?;
        self.expect(TokenKind::Assign)?;
        let exprs = self.expr_list()?;
        self.leave(n_levels);
        Ok(StatKind::Assign { targets, exprs })
    }

    fn last_suffix(&self, id: ExprId) -> Option<&SuffixKind> {
        match self.get(id)?.kind {
            ExprKind::Suffixed { suffixes, .. } => Some(&self.tree.list(suffixes).last()?.kind),
            _ => None,
        }
    }

    fn last_suffix_is_call(&self, id: ExprId) -> bool {
        matches!(
            self.last_suffix(id),
            Some(SuffixKind::Call(_) | SuffixKind::Method(..))
        )
    }

    fn is_assignable(&self, id: ExprId) -> bool {
        match self.last_suffix(id) {
            Some(SuffixKind::Field(_) | SuffixKind::Index(_)) => true,
            Some(SuffixKind::Call(_) | SuffixKind::Method(..)) => false,
            None => self
                .get(id)
                .is_some_and(|expr| matches!(expr.kind, ExprKind::Name(_))),
        }
    }

    /// `funcbody`; `line` is where the function is said to begin.
    pub fn function_body(&mut self, is_method: bool, line: Line) -> Result<FuncId> {
        let params = self.begin_list::<StrId>();
        if is_method {
            let name = self.implied_name(b"self")?;
            self.add(name)?;
        }
        self.expect(TokenKind::LeftParen)?;
        let is_vararg = self.parameters()?;
        let params = self.end_list(params)?;
        self.expect(TokenKind::RightParen)?;
        let outer_vararg = std::mem::replace(&mut self.in_vararg, is_vararg);
        let body = self.statements()?;
        self.in_vararg = outer_vararg;
        let end_line = self.token.line;
        self.expect_closing(TokenKind::End, TokenKind::Function, line)?;
        self.add_function(Function {
            params,
            is_vararg,
            body,
            line,
            end_line,
        })
    }

    /// `[parlist]`, to the list of names that has begun; whether it ends in `...`.
    fn parameters(&mut self) -> Result<bool> {
        if self.at(TokenKind::RightParen) {
            return Ok(false);
        }
        loop {
            match self.token.kind {
                TokenKind::Name => {
                    let name = self.name()?;
                    self.add(name)?;
                }
                TokenKind::Dots => {
                    self.advance()?;
                    return Ok(true);
                }
                _ if self.at_end => return Ok(false),
                _ => return self.fail(Complaint::NameOrDots),
            }
            if !self.eat(TokenKind::Comma)? {
                return Ok(false);
            }
        }
    }
}
