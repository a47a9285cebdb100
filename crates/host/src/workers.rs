//! Jobs: a thread for each core, and one that mines.
#![allow(clippy::disallowed_methods)] // Mining is slowed down by the clock.
use crate::run::Message;
use crate::verifier::Verifier;
use isonomy_chain::Archive;
use isonomy_crypto::{Claim, Hash, InvalidClaim, PublicKey, Secret, Signature};
use isonomy_node::{Input, Job, JobId, Lent};
use rand::{TryRng, rngs::SysRng};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Keys, the archive and threads for signatures, lent to jobs.
pub(crate) struct Loan {
    pub(crate) secrets: BTreeMap<PublicKey, Secret>,
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) verifier: Verifier,
}

impl Lent for Loan {
    fn sign(&self, key: &PublicKey, digest: &Hash) -> Option<Signature> {
        let mut aux = [0; 32];
        // Without fresh randomness BIP340 signing is still sound: the nonce binds key and message.
        let _ = SysRng.try_fill_bytes(&mut aux);
        self.secrets.get(key)?.sign(digest, &aux).ok()
    }

    fn archive(&self) -> &dyn Archive {
        &*self.archive
    }

    fn verify(&self, claims: &[Claim]) -> Result<(), InvalidClaim> {
        self.verifier.verify(claims)
    }
}

pub(crate) struct Workers {
    jobs: Sender<(JobId, Job)>,
    miner: Sender<(JobId, Job)>,
    threads: Vec<JoinHandle<()>>,
    stopping: Arc<AtomicBool>,
}

/// What each thread has.
#[derive(Clone)]
struct Worker {
    loan: Arc<Loan>,
    answers: mpsc::Sender<Message>,
    stopping: Arc<AtomicBool>,
}

impl Workers {
    /// `count` threads for jobs, and one that mines.
    pub(crate) fn start(
        count: usize,
        hash_rate: Option<u64>,
        loan: Loan,
        answers: mpsc::Sender<Message>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let (miner, slices) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let (loan, stopping) = (Arc::new(loan), Arc::new(AtomicBool::new(false)));
        let worker = Worker { loan, answers, stopping: stopping.clone() };
        let mut threads = Vec::new();
        for index in 0..count {
            let (worker, queue) = (worker.clone(), queue.clone());
            let name = format!("isonomy-job-{index}");
            threads.push(Builder::new().name(name).spawn(move || worker.work(&queue))?);
        }
        let mining = Builder::new().name("isonomy-miner".into());
        threads.push(mining.spawn(move || worker.mine(&slices, hash_rate))?);
        Ok(Self { jobs, miner, threads, stopping })
    }

    pub(crate) fn take(&self, id: JobId, job: Job) {
        let queue = if matches!(job, Job::Mine(_)) { &self.miner } else { &self.jobs };
        // The threads outlive this queue.
        let _ = queue.send((id, job));
    }

    /// Lets go what is queued, and waits for what is running.
    pub(crate) fn stop(self) {
        let Self { jobs, miner, threads, stopping } = self;
        stopping.store(true, Ordering::Relaxed);
        drop((jobs, miner));
        for thread in threads {
            // A thread ends by itself; a panic in a job is caught there.
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn work(&self, queue: &Mutex<Receiver<(JobId, Job)>>) {
        loop {
            // A lock is poisoned by a panic between two jobs: there is nothing to run there.
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok((id, job)) = next else { return };
            self.run(id, job);
        }
    }

    fn mine(&self, slices: &Receiver<(JobId, Job)>, hash_rate: Option<u64>) {
        for (id, job) in slices {
            let (started, tries) = (Instant::now(), tries(&job));
            self.run(id, job);
            let due = hash_rate.map(|rate| pause(tries, rate, started.elapsed()));
            std::thread::sleep(due.unwrap_or_default());
        }
    }

    /// A panic is a bug; it costs the job and not the node, whose own deadline ends the wait.
    fn run(&self, id: JobId, job: Job) {
        if self.stopping.load(Ordering::Relaxed) {
            return;
        }
        match catch_unwind(AssertUnwindSafe(|| job.run(&*self.loan))) {
            Ok(done) => {
                let done = Message::Input(Input::Done(id, Box::new(done)));
                // A host that is stopping no longer listens.
                let _ = self.answers.blocking_send(done);
            }
            Err(_) => tracing::error!(job = id.0, "a job panicked: please report this bug"),
        }
    }
}

const fn tries(job: &Job) -> u64 {
    if let Job::Mine(mine) = job { mine.tries } else { 0 }
}

/// What is left of the time that so many tries may take.
fn pause(tries: u64, rate: u64, spent: Duration) -> Duration {
    let micros = tries.saturating_mul(1_000_000).checked_div(rate).unwrap_or(0);
    Duration::from_micros(micros).saturating_sub(spent)
}
