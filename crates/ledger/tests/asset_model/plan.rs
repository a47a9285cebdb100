//! What random transactions try.
use proptest::prelude::*;

/// The place of what was not there when a transaction was written down.
pub(crate) const ABSENT: usize = usize::MAX;

/// What one transaction tries. Places are modulo what there is.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Issue { cap: Option<u128>, rights: [bool; 3], amount: u128, to: u8 },
    Send { asset: usize, to: u8, amount: u128 },
    Mint { asset: usize, to: u8, amount: u128 },
    Burn { asset: usize, amount: u128 },
    Freeze { asset: usize, who: u8 },
    Thaw { asset: usize, who: u8 },
    Renounce { asset: usize, rights: [bool; 3] },
    HandOver { asset: usize, to: u8 },
    Create { cap: Option<u64>, rights: [bool; 2] },
    MintItem { of: usize, number: u64, to: u8, content: u8 },
    SendItem { of: usize, number: u64, to: u8 },
    BurnItem { of: usize, number: u64 },
    RenounceItems { of: usize, rights: [bool; 2] },
    Lock { asset: usize, amount: u128, brought: u128, to: u8, secret: u8, blocks: u64 },
    Claim { lock: usize, secret: u8 },
    Refund { lock: usize },
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) by: u8,
    /// Instead, whoever is in the position to take the first step, if anyone is.
    pub(crate) apt: bool,
    pub(crate) steps: Vec<Step>,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    use Step::*;
    let amount = || {
        prop_oneof![
            12 => 0u128..60,
            1 => Just(u128::MAX),
            1 => Just(u128::MAX - 30),
        ]
    };
    let (place, person, number) = (|| 0usize..4, || 0u8..5, || 0u64..4);
    let cap = || prop_oneof![2 => Just(None), 1 => (0u128..90).prop_map(Some)];
    let held = || proptest::array::uniform3(prop::bool::weighted(0.8));
    let ends = || proptest::array::uniform3(prop::bool::weighted(0.3));
    let on = || prop::bool::weighted(0.8);
    prop_oneof![
        2 => (cap(), held(), amount(), person())
            .prop_map(|(cap, rights, amount, to)| Issue { cap, rights, amount, to }),
        5 => (place(), person(), amount())
            .prop_map(|(asset, to, amount)| Send { asset, to, amount }),
        3 => (place(), person(), amount())
            .prop_map(|(asset, to, amount)| Mint { asset, to, amount }),
        3 => (place(), amount()).prop_map(|(asset, amount)| Burn { asset, amount }),
        2 => (place(), person()).prop_map(|(asset, who)| Freeze { asset, who }),
        2 => (place(), person()).prop_map(|(asset, who)| Thaw { asset, who }),
        1 => (place(), ends()).prop_map(|(asset, rights)| Renounce { asset, rights }),
        1 => (place(), 1u8..5).prop_map(|(asset, to)| HandOver { asset, to }),
        1 => (prop_oneof![Just(None), (0u64..4).prop_map(Some)], [on(), on()])
            .prop_map(|(cap, rights)| Create { cap, rights }),
        5 => (place(), number(), person(), any::<u8>())
            .prop_map(|(of, number, to, content)| MintItem { of, number, to, content }),
        4 => (place(), number(), person()).prop_map(|(of, number, to)| SendItem { of, number, to }),
        2 => (place(), number()).prop_map(|(of, number)| BurnItem { of, number }),
        1 => (place(), [prop::bool::weighted(0.2), prop::bool::weighted(0.2)])
            .prop_map(|(of, rights)| RenounceItems { of, rights }),
        4 => (place(), 0u128..30, 0u128..30, 1u8..5, 0u8..2, 0u64..6, any::<bool>()).prop_map(
            |(asset, amount, other, to, secret, blocks, exact)| {
                let brought = if exact { amount } else { other };
                Lock { asset, amount, brought, to, secret, blocks }
            }
        ),
        5 => (0usize..6, 0u8..2).prop_map(|(lock, secret)| Claim { lock, secret }),
        3 => (0usize..6).prop_map(|lock| Refund { lock }),
    ]
}

/// Mostly one step; several take effect together or not at all.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let steps = prop_oneof![
        4 => proptest::collection::vec(step(), 1),
        1 => proptest::collection::vec(step(), 2..4),
    ];
    let apt = prop::bool::weighted(0.7);
    (1u8..5, apt, steps).prop_map(|(by, apt, steps)| Plan { by, apt, steps })
}

pub(crate) fn blocks() -> impl Strategy<Value = Vec<Vec<Plan>>> {
    proptest::collection::vec(proptest::collection::vec(plan(), 0..6), 1..16)
}
