//! Programs that checks ask: each is started once, and while files are read, since rpm and a shell script take longer than
//! everything that is read.

use std::cell::RefCell;
use std::io;

use super::again;
use crate::verify::facts::program::{Patience, Running};

/// More are not started ahead, lest a manifest full of programs floods the host.
const MOST_AHEAD: usize = 4;

/// A program and its arguments. Whose PATH found it makes no difference: it is the same file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Where it was found.
    pub(super) program: String,
    /// The file that this leads to.
    pub(super) real: String,
    pub(super) arguments: Vec<String>,
    /// For what it starts itself.
    pub(super) path: &'static str,
}

type Answer = io::Result<(String, i32)>;

#[derive(Debug)]
enum State {
    Running(Running),
    Answered(Answer),
}

/// What was asked in a run.
#[derive(Debug, Default)]
pub(super) struct Asked {
    all: RefCell<Vec<(Question, State)>>,
    patience: Patience,
}

impl Asked {
    /// Starts a program whose answer will be wanted.
    pub(super) fn ahead(&self, question: Question) {
        let mut all = self.all.borrow_mut();
        if all.len() < MOST_AHEAD && !all.iter().any(|(other, _)| same(other, &question)) {
            let state = start(&question);
            all.push((question, state));
        }
    }

    /// What a program prints, and its exit code.
    pub(super) fn answer(&self, question: &Question) -> Answer {
        let mut all = self.all.borrow_mut();
        let at = all.iter().position(|(other, _)| same(other, question));
        let state = match at {
            Some(at) => all.swap_remove(at).1,
            None => start(question),
        };
        let answer = match state {
            State::Running(running) => running.finish(&self.patience),
            State::Answered(answer) => answer,
        };
        let once_more = answer.as_ref().map(Clone::clone).map_err(again);
        all.push((question.clone(), State::Answered(answer)));
        once_more
    }
}

fn same(one: &Question, other: &Question) -> bool {
    one.real == other.real && one.arguments == other.arguments
}

fn start(question: &Question) -> State {
    match Running::start(&question.program, &question.arguments, question.path) {
        Ok(running) => State::Running(running),
        Err(error) => State::Answered(Err(error)),
    }
}
