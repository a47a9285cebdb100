/// What a pool holds at most. Beyond it, the cheapest leaves for what pays more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PoolLimits {
    /// Transactions. Stops many small ones from costing more to keep track of than to hold.
    pub transactions: usize,
    /// Bytes of all of them, as encoded. Stops few large ones.
    pub bytes: usize,
    /// Transactions that one account has a part in. Stops one account, whose coins may pay for the
    /// first alone, from driving out others with the rest (CVE-2022-23328).
    pub per_account: usize,
}

impl Default for PoolLimits {
    /// 20 000 transactions, 32 MiB, 64 an account.
    fn default() -> Self {
        Self { transactions: 20_000, bytes: 32 * 1024 * 1024, per_account: 64 }
    }
}

/// Milliseconds that a transaction may wait: two weeks, Bitcoin Core's `-mempoolexpiry`. What no
/// block took in that time is hardly wanted by anyone, its maker may have forgotten it, and an expiry
/// by height may name a height that never comes.
pub const AGE_MS_MAX: u64 = 14 * 24 * 60 * 60 * 1_000;
