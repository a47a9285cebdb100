//! An engine that says what a test wants said, and writes down what it is told.
use isonomy_consensus::{Engine, Input, Output};
use isonomy_types::{Mono, Now};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

/// Both the engine and the strings that move it.
#[derive(Clone, Default)]
pub struct Script(Arc<Mutex<Lines>>);

#[derive(Default)]
struct Lines {
    told: Vec<Input>,
    wants: VecDeque<Output>,
}

impl Script {
    /// Said at the next occasion, after what is still unsaid.
    pub fn want(&self, output: Output) {
        self.lines().wants.push_back(output);
    }

    /// What it was told since the last time.
    pub fn told(&self) -> Vec<Input> {
        std::mem::take(&mut self.lines().told)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap()
    }
}

impl Engine for Script {
    fn handle(&mut self, _: Now, input: Input) {
        self.lines().told.push(input);
    }

    fn poll(&mut self) -> Option<Output> {
        self.lines().wants.pop_front()
    }

    fn deadline(&self) -> Option<Mono> {
        None
    }
}
