//! What a node wants, as text that two runs can be compared by.
use isonomy_ledger::Mode;
use isonomy_node::{AdmitAll, Incoming, Job, Output};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    Follow,
    Body,
    Admit,
    Execute,
    Template,
    Mine,
    Verify,
    Sign,
    ReadBody,
    ReadHeaders,
}

pub fn kind(job: &Job) -> Kind {
    match job {
        Job::Follow(_) => Kind::Follow,
        Job::Body { .. } => Kind::Body,
        Job::Admit(_) => Kind::Admit,
        Job::Execute(execute) if execute.mode == Mode::Template => Kind::Template,
        Job::Execute(_) => Kind::Execute,
        Job::Mine(_) => Kind::Mine,
        Job::Verify(_) => Kind::Verify,
        Job::Sign { .. } => Kind::Sign,
        Job::ReadBody(_) => Kind::ReadBody,
        Job::ReadHeaders { .. } => Kind::ReadHeaders,
    }
}

pub fn words(output: &Output) -> String {
    match output {
        Output::Send { link, bytes } => format!("send {link:?} {bytes:?}"),
        Output::Close { link, why } => format!("close {link:?} {why:?}"),
        Output::Dial { address } => format!("dial {address:?}"),
        Output::Job(id, job) => format!("{id:?} {:?} {}", kind(job), content(job)),
        Output::Cancel(id) => format!("cancel {id:?}"),
        Output::Commit { ticket, append, flush } => format!("{ticket:?} {append:?} {flush:?}"),
        Output::Halt { why } => format!("halt {why}"),
        Output::Event(event) => format!("{event:?}"),
    }
}

fn content(job: &Job) -> String {
    match job {
        Job::Follow(follow) => format!("{:?} {:?}", follow.parent, follow.entries),
        Job::Body { root, bytes, .. } => format!("{root:?} {bytes:?}"),
        Job::Admit(admit) => format!("{:?} {:?}", admit.env, transactions(admit)),
        Job::Execute(execute) => format!("{:?} {:?}", execute.env, execute.transactions),
        Job::Mine(mine) => format!("{mine:?}"),
        Job::Verify(claims) => format!("{claims:?}"),
        Job::Sign { key, digest } => format!("{key:?} {digest:?}"),
        Job::ReadBody(id) => format!("{id:?}"),
        Job::ReadHeaders { locator, .. } => format!("{locator:?}"),
    }
}

fn transactions(admit: &AdmitAll) -> Vec<String> {
    let word = |incoming: &Incoming| match incoming {
        Incoming::Bytes(id, bytes) => format!("{id:?} {bytes:?}"),
        Incoming::Whole(transaction) => format!("{transaction:?}"),
        Incoming::Again(transaction) => format!("{transaction:?}"),
    };
    admit.transactions.iter().map(word).collect()
}
