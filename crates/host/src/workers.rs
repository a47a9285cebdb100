//! Jobs: a thread for each core, and one that mines.
#![allow(clippy::disallowed_methods)] // Mining is slowed down by the clock, and jobs are timed.
use crate::metrics::{self, Metrics};
use crate::run::Message;
use crate::spread::spread;
use crate::verifier::Verifier;
use isonomy_chain::Archive;
use isonomy_crypto::{Claim, Hash, InvalidClaims, PublicKey, Secret, Signature};
use isonomy_ledger::TreePart;
use isonomy_node::{Input, Job, JobId, Lent};
use rand::{TryRng, rngs::SysRng};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Keys, the archive and threads, lent to jobs.
pub(crate) struct Loan {
    pub(crate) secrets: BTreeMap<PublicKey, Secret>,
    pub(crate) archive: Arc<dyn Archive>,
    pub(crate) verifier: Verifier,
    /// For the state tree.
    pub(crate) threads: usize,
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

    fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        self.verifier.verify(claims, ends)
    }

    fn update(&self, parts: &mut [TreePart<'_>]) {
        spread(self.threads, parts);
    }
}

pub(crate) struct Workers {
    jobs: Sender<(JobId, Job)>,
    miner: Sender<(JobId, Job)>,
    threads: Vec<JoinHandle<()>>,
    queued: Queued,
    stopping: Arc<AtomicBool>,
}

/// Jobs that wait for a thread. One that is cancelled leaves, and is not run: whoever connects, asks
/// and hangs up, again and again, must not make a queue grow that the node no longer counts.
#[derive(Clone)]
struct Queued {
    ids: Arc<Mutex<BTreeSet<JobId>>>,
    metrics: Arc<Metrics>,
}

impl Queued {
    fn add(&self, id: JobId) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        self.metrics.jobs_waiting.inc();
    }

    /// Whether it was there.
    fn remove(&self, id: JobId) -> bool {
        let there = self.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if there {
            self.metrics.jobs_waiting.dec();
        }
        there
    }
}

/// What each thread has.
#[derive(Clone)]
struct Worker {
    loan: Arc<Loan>,
    answers: mpsc::Sender<Message>,
    queued: Queued,
    stopping: Arc<AtomicBool>,
}

impl Workers {
    /// `count` threads for jobs, and one that mines.
    pub(crate) fn start(
        count: usize,
        hash_rate: Option<NonZeroU64>,
        loan: Loan,
        answers: mpsc::Sender<Message>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        let (miner, slices) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let (loan, stopping) = (Arc::new(loan), Arc::new(AtomicBool::new(false)));
        let queued = Queued { ids: Arc::default(), metrics };
        let (waiting, ending) = (queued.clone(), stopping.clone());
        let worker = Worker { loan, answers, queued: waiting, stopping: ending };
        let mut threads = Vec::new();
        for index in 0..count {
            let (worker, queue) = (worker.clone(), queue.clone());
            let name = format!("isonomy-job-{index}");
            threads.push(Builder::new().name(name).spawn(move || worker.work(&queue))?);
        }
        let mining = Builder::new().name("isonomy-miner".into());
        threads.push(mining.spawn(move || worker.mine(&slices, hash_rate))?);
        Ok(Self { jobs, miner, threads, queued, stopping })
    }

    pub(crate) fn take(&self, id: JobId, job: Job) {
        let queue = if matches!(job, Job::Mine(_)) { &self.miner } else { &self.jobs };
        self.queued.add(id);
        // The threads outlive this queue.
        let _ = queue.send((id, job));
    }

    /// Nobody waits for its answer any more. What runs already ends by itself.
    pub(crate) fn cancel(&self, id: JobId) {
        self.queued.remove(id);
    }

    /// Lets go what is queued, and waits for what is running.
    pub(crate) fn stop(self) {
        let Self { jobs, miner, threads, stopping, .. } = self;
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
            if self.is_due(id) {
                self.run(id, job);
            }
        }
    }

    fn mine(&self, slices: &Receiver<(JobId, Job)>, hash_rate: Option<NonZeroU64>) {
        for (id, job) in slices {
            if !self.is_due(id) {
                continue;
            }
            let (started, tries) = (Instant::now(), tries(&job));
            self.run(id, job);
            let due = hash_rate.map(|rate| pause(tries, rate, started.elapsed()));
            std::thread::sleep(due.unwrap_or_default());
        }
    }

    /// Whether a job out of a queue is still wanted.
    fn is_due(&self, id: JobId) -> bool {
        self.queued.remove(id) && !self.stopping.load(Ordering::Relaxed)
    }

    /// A panic is a bug; it costs the job and not the node, whose own deadline ends the wait.
    fn run(&self, id: JobId, job: Job) {
        let (began, kind) = (Instant::now(), metrics::job(&job));
        let ended = catch_unwind(AssertUnwindSafe(|| job.run(&*self.loan)));
        self.queued.metrics.ran(kind, began.elapsed());
        match ended {
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
fn pause(tries: u64, rate: NonZeroU64, spent: Duration) -> Duration {
    let micros = tries.saturating_mul(1_000_000) / rate;
    Duration::from_micros(micros).saturating_sub(spent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use isonomy_chain::StoreFailed;
    use isonomy_consensus::pow::{Mine, Target};
    use isonomy_ledger::Receipt;
    use isonomy_types::{Body, Entry};

    struct Nothing;

    impl Archive for Nothing {
        fn body(&self, _: &Hash) -> Result<Option<Body>, StoreFailed> {
            Ok(None)
        }

        fn headers(&self, _: &[Hash], _: usize, _: usize) -> Result<Vec<Entry>, StoreFailed> {
            Ok(Vec::new())
        }

        fn entry_at(&self, _: u64) -> Result<Option<Entry>, StoreFailed> {
            Ok(None)
        }

        fn entry(&self, _: &Hash) -> Result<Option<Entry>, StoreFailed> {
            Ok(None)
        }

        fn transaction(&self, _: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
            Ok(None)
        }

        fn receipts(&self, _: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
            Ok(None)
        }
    }

    /// A miner whose every slice takes a tenth of a second.
    fn slow(answers: mpsc::Sender<Message>) -> Workers {
        let verifier = Verifier::new(1);
        let loan =
            Loan { secrets: BTreeMap::new(), archive: Arc::new(Nothing), verifier, threads: 1 };
        let metrics = Arc::new(Metrics::new(Clock::start()));
        Workers::start(1, NonZeroU64::new(10), loan, answers, metrics).unwrap()
    }

    fn slice() -> Job {
        let (seal_hash, target) = (Hash::ZERO, Target::MAX);
        Job::Mine(Mine { target, seal_hash, extra: 0, from: 0, tries: 1 })
    }

    #[test]
    fn attack_66_a_job_that_is_cancelled_while_it_waits_is_not_run() {
        let (answers, mut inbox) = mpsc::channel(16);
        let workers = slow(answers);
        for id in 1..=5 {
            workers.take(JobId(id), slice());
        }
        [2, 3, 5].into_iter().for_each(|id| workers.cancel(JobId(id)));
        // Cancelling what is unknown, or has run, leaves nothing behind.
        workers.cancel(JobId(9));
        for want in [1, 4] {
            let Some(Message::Input(Input::Done(JobId(id), _))) = inbox.blocking_recv() else {
                panic!("no answer")
            };
            assert_eq!(id, want);
            workers.cancel(JobId(id));
        }
        assert!(workers.queued.ids.lock().unwrap().is_empty());
        workers.stop();
        assert!(inbox.blocking_recv().is_none());
    }

    #[test]
    fn stopping_waits_for_no_slice_that_is_queued() {
        let (answers, _inbox) = mpsc::channel(16);
        let workers = slow(answers);
        for id in 1..=50 {
            workers.take(JobId(id), slice());
        }
        let begin = Instant::now();
        workers.stop();
        assert!(begin.elapsed() < Duration::from_secs(2), "fifty slices would take five seconds");
    }

    #[test]
    fn a_slice_takes_the_time_of_its_tries() {
        let rate = NonZeroU64::new(500).unwrap();
        assert_eq!(pause(50, rate, Duration::ZERO), Duration::from_millis(100));
        assert_eq!(pause(50, rate, Duration::from_millis(30)), Duration::from_millis(70));
        assert_eq!(pause(50, rate, Duration::from_millis(300)), Duration::ZERO);
        assert!(pause(u64::MAX, NonZeroU64::MIN, Duration::ZERO) > Duration::from_secs(1));
    }
}
