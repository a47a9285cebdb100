use alloc::string::String;
use borsh::io::{Error, ErrorKind, Read, Result as IoResult};
use borsh::{BorshDeserialize, BorshSerialize};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::{fmt, str::FromStr};

/// Where a node can be dialled: an IP address and a TCP port.
///
/// One place has one spelling, so that whoever is avoided under one is avoided altogether: an
/// IPv4 address inside IPv6 (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) is refused on decoding
/// and turned into IPv4 by every conversion. Scope and flow of IPv6 are dropped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize)]
pub enum NetAddress {
    /// IPv4 address and port.
    V4([u8; 4], u16),
    /// IPv6 address and port.
    V6([u8; 16], u16),
}

impl NetAddress {
    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        match self {
            Self::V4(_, port) | Self::V6(_, port) => *port,
        }
    }

    /// The same host at another port.
    #[must_use]
    pub const fn with_port(self, port: u16) -> Self {
        match self {
            Self::V4(ip, _) => Self::V4(ip, port),
            Self::V6(ip, _) => Self::V6(ip, port),
        }
    }

    /// The one spelling of this place.
    #[must_use]
    pub fn canonical(self) -> Self {
        SocketAddr::from(self).into()
    }
}

impl From<SocketAddr> for NetAddress {
    fn from(address: SocketAddr) -> Self {
        match address.ip().to_canonical() {
            IpAddr::V4(ip) => Self::V4(ip.octets(), address.port()),
            IpAddr::V6(ip) => Self::V6(ip.octets(), address.port()),
        }
    }
}

impl From<NetAddress> for SocketAddr {
    fn from(address: NetAddress) -> Self {
        match address {
            NetAddress::V4(ip, port) => (Ipv4Addr::from(ip), port).into(),
            NetAddress::V6(ip, port) => (Ipv6Addr::from(ip), port).into(),
        }
    }
}

impl fmt::Display for NetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SocketAddr::from(*self).fmt(f)
    }
}

impl fmt::Debug for NetAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not an IP address with a port, such as `192.0.2.1:4000` or `[2001:db8::1]:4000`.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an address and port: {0:?} (expected 192.0.2.1:4000 or [2001:db8::1]:4000)")]
pub struct ParseNetAddressError(String);

impl FromStr for NetAddress {
    type Err = ParseNetAddressError;

    fn from_str(text: &str) -> Result<Self, ParseNetAddressError> {
        let parsed: Result<SocketAddr, _> = text.parse();
        parsed.map(Self::from).map_err(|_| ParseNetAddressError(text.into()))
    }
}

#[derive(BorshDeserialize)]
enum Claimed {
    V4([u8; 4], u16),
    V6([u8; 16], u16),
}

impl BorshDeserialize for NetAddress {
    fn deserialize_reader<R: Read>(reader: &mut R) -> IoResult<Self> {
        let claimed = match Claimed::deserialize_reader(reader)? {
            Claimed::V4(ip, port) => Self::V4(ip, port),
            Claimed::V6(ip, port) => Self::V6(ip, port),
        };
        if claimed == claimed.canonical() {
            Ok(claimed)
        } else {
            Err(Error::new(ErrorKind::InvalidData, "an IPv4 address spelt as IPv6"))
        }
    }
}

impl serde::Serialize for NetAddress {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for NetAddress {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
