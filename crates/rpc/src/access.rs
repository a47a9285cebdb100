//! Who may ask what, and how often.
use crate::limits::{CALLERS_MAX, RATE_BURST_S, RATE_LOOPBACK_PER_S, RATE_REMOTE_PER_S};
use isonomy_client::Token;
use isonomy_client::api::Role;
use isonomy_crypto::{Domain, Hash};
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// A server keeps no token, only what it hashes to.
const TOKEN: Domain = Domain::new("isonomy rpc token 1");

/// Who may ask what, and how often: what the owner of a server decides.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    anonymous: Option<Role>,
    grants: Vec<(Hash, Role)>,
    per_s: u32,
}

impl Access {
    /// As it is unless one has reasons. On loopback whoever asks has the role
    /// [`Submit`](Role::Submit), as every program of this machine can reach it; elsewhere nobody has a
    /// role without a token.
    #[must_use]
    pub fn at(address: SocketAddr) -> Self {
        let loopback = address.ip().to_canonical().is_loopback();
        let per_s = if loopback { RATE_LOOPBACK_PER_S } else { RATE_REMOTE_PER_S };
        Self { anonymous: loopback.then_some(Role::Submit), grants: Vec::new(), per_s }
    }

    /// What whoever shows no token may do. `None`: nothing.
    #[must_use]
    pub fn with_anonymous(self, anonymous: Option<Role>) -> Self {
        Self { anonymous, ..self }
    }

    /// Gives whoever shows this token a role. The token itself is not kept.
    #[must_use]
    pub fn with_token(mut self, token: &Token, role: Role) -> Self {
        self.grants.push((digest(token.expose()), role));
        self
    }

    /// Requests a second of one client, or of one token, on average. [`RATE_BURST_S`] seconds' worth
    /// may come at once.
    #[must_use]
    pub fn with_rate(self, per_s: u32) -> Self {
        Self { per_s, ..self }
    }

    /// Who somebody is that shows `token`, or none, from `ip`. `None` if nobody has this token, or
    /// without one nobody has a role.
    pub(crate) fn admit(&self, token: Option<&str>, ip: IpAddr) -> Option<Admitted> {
        let Some(token) = token else {
            return self.anonymous.map(|role| Admitted { role, who: Who::Address(network(ip)) });
        };
        let shown = digest(token);
        // All are compared, each in constant time: how long it takes says nothing of any.
        let fits = |grant: &Hash| bool::from(grant.as_bytes().ct_eq(shown.as_bytes()));
        let role = self.grants.iter().fold(None, |found, (grant, role)| match fits(grant) {
            true => found.max(Some(*role)),
            false => found,
        });
        role.map(|role| Admitted { role, who: Who::Token(shown) })
    }
}

/// Tokens are not shown, not even hashed.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles: Vec<Role> = self.grants.iter().map(|(_, role)| *role).collect();
        let Self { anonymous, per_s, .. } = self;
        write!(f, "Access {{ anonymous: {anonymous:?}, tokens: {roles:?}, per_s: {per_s} }}")
    }
}

fn digest(token: &str) -> Hash {
    TOKEN.hash(token.as_bytes())
}

/// What one subscriber line of the internet has many addresses of counts as one.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => {
            let [a, b, c, d, ..] = ip.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        ip => ip,
    }
}

/// Somebody with a role.
#[derive(Clone, Copy)]
pub(crate) struct Admitted {
    pub(crate) role: Role,
    who: Who,
}

impl Admitted {
    /// The server's owner, asking without a server.
    pub(crate) const OWNER: Self = Self { role: Role::Admin, who: Who::Owner };
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Owner,
    Address(IpAddr),
    Token(Hash),
}

/// Counts requests: a bucket for each caller, which a request takes one from.
pub(crate) struct Rates {
    per_s: u32,
    callers: Mutex<BTreeMap<Who, Bucket>>,
}

/// Thousandths of requests, and when that was.
struct Bucket {
    milli: u64,
    at: Instant,
}

impl Rates {
    pub(crate) fn new(access: &Access) -> Self {
        Self { per_s: access.per_s, callers: Mutex::default() }
    }

    /// Requests a second.
    pub(crate) const fn per_s(&self) -> u32 {
        self.per_s
    }

    /// Whether this caller may ask once more now.
    pub(crate) fn take(&self, caller: &Admitted) -> bool {
        if caller.who == Who::Owner {
            return true;
        }
        let (now, full) = (Instant::now(), self.full());
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= CALLERS_MAX && !callers.contains_key(&caller.who) {
            // Whose bucket is full again is as good as unknown. If all are busy, so many are attacking
            // that whoever is new waits.
            callers.retain(|_, bucket| self.filled(bucket, now) < full);
            if callers.len() >= CALLERS_MAX {
                return false;
            }
        }
        let bucket = callers.entry(caller.who).or_insert(Bucket { milli: full, at: now });
        let filled = self.filled(bucket, now);
        let left = filled.checked_sub(1_000);
        *bucket = Bucket { milli: left.unwrap_or(filled), at: now };
        left.is_some()
    }

    fn full(&self) -> u64 {
        u64::from(self.per_s).saturating_mul(RATE_BURST_S).saturating_mul(1_000).max(1_000)
    }

    fn filled(&self, bucket: &Bucket, now: Instant) -> u64 {
        let ms = now.saturating_duration_since(bucket.at).as_millis();
        let ms = u64::try_from(ms).unwrap_or(u64::MAX);
        let came = ms.saturating_mul(u64::from(self.per_s));
        bucket.milli.saturating_add(came).min(self.full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn access() -> Access {
        let [a, b] = ["read-read-read", "root-root-root"].map(|text| Token::new(text).unwrap());
        Access::at(([10, 0, 0, 1], 1).into()).with_token(&a, Role::Read).with_token(&b, Role::Admin)
    }

    fn role(access: &Access, token: Option<&str>) -> Option<Role> {
        access.admit(token, HERE).map(|admitted| admitted.role)
    }

    #[test]
    fn a_token_has_its_role_and_no_token_what_the_owner_says() {
        let access = access();
        assert_eq!(role(&access, Some("read-read-read")), Some(Role::Read));
        assert_eq!(role(&access, Some("root-root-root")), Some(Role::Admin));
        for wrong in ["", "read-read-rea", "read-read-read ", "root-root-rooT"] {
            assert_eq!(role(&access, Some(wrong)), None, "{wrong:?}");
        }
        assert_eq!(role(&access, None), None);
        assert_eq!(role(&access.with_anonymous(Some(Role::Read)), None), Some(Role::Read));
        // A wrong token is refused even where none is needed: whoever shows it expects more.
        let local = Access::at((HERE, 1).into());
        assert_eq!(role(&local, None), Some(Role::Submit));
        assert_eq!(role(&local, Some("read-read-read")), None);
        assert_eq!(
            role(&Access::at("[::ffff:127.0.0.1]:1".parse().unwrap()), None),
            Some(Role::Submit)
        );
        assert_eq!(role(&Access::at("[::]:1".parse().unwrap()), None), None);
    }

    #[test]
    fn attack_79_tokens_are_in_no_debug_text() {
        let shown = format!("{:?}", access());
        assert_eq!(shown, "Access { anonymous: None, tokens: [Read, Admin], per_s: 100 }");
    }

    #[tokio::test(start_paused = true)]
    async fn each_caller_has_a_burst_and_then_a_rate() {
        let access = access().with_anonymous(Some(Role::Read)).with_rate(10);
        let rates = Rates::new(&access);
        let burst = 10 * RATE_BURST_S;
        let near = access.admit(None, HERE).unwrap();
        let far = access.admit(None, "2001:db8::1".parse().unwrap()).unwrap();
        let next_door = access.admit(None, "2001:db8::2".parse().unwrap()).unwrap();
        let known = access.admit(Some("read-read-read"), HERE).unwrap();
        for caller in [&near, &far, &known] {
            assert!((0..burst).all(|_| rates.take(caller)));
            assert!(!rates.take(caller));
        }
        assert!(!rates.take(&next_door), "the same network");
        tokio::time::advance(Duration::from_millis(250)).await;
        assert!(rates.take(&near) && rates.take(&near) && !rates.take(&near));
        tokio::time::advance(Duration::from_millis(50)).await;
        assert!(rates.take(&near) && !rates.take(&near), "the half is not lost");
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert_eq!((0..2 * burst).filter(|_| rates.take(&near)).count() as u64, burst);
        assert!((0..100_000).all(|_| rates.take(&Admitted::OWNER)));
    }

    #[tokio::test(start_paused = true)]
    async fn attack_79_callers_are_bounded() {
        let access = access().with_anonymous(Some(Role::Read)).with_rate(10);
        let rates = Rates::new(&access);
        let caller = |n: u32| access.admit(None, IpAddr::V4(n.into())).unwrap();
        let all = u32::try_from(CALLERS_MAX).unwrap();
        assert!((0..all).all(|n| rates.take(&caller(n))));
        assert!(!rates.take(&caller(all)) && rates.take(&caller(0)));
        tokio::time::advance(Duration::from_millis(100)).await;
        assert!(rates.take(&caller(all)), "those who are quiet are forgotten");
        assert!(rates.callers.lock().unwrap().len() < 10);
    }
}
