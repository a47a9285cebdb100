use crate::{bytes, genesis, handshake, machine, page, peers, proof, rpc, text};

/// One way of trying to break the project.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, also of the program under `fuzz_targets`.
    pub name: &'static str,
    /// Panics if the bytes break a promise.
    pub run: fn(&[u8]),
    /// Inputs that go deep: where a fuzzer begins.
    pub samples: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 13] = [
    Target { name: "transaction", run: bytes::transaction, samples: bytes::transactions },
    Target { name: "block", run: bytes::block, samples: bytes::blocks },
    Target { name: "header", run: bytes::header, samples: bytes::headers },
    Target { name: "proof", run: proof::proof, samples: proof::proofs },
    Target { name: "page", run: page::page, samples: page::samples },
    Target { name: "frame", run: peers::frame, samples: peers::streams },
    Target { name: "hello", run: peers::hello, samples: peers::hellos },
    Target { name: "handshake", run: handshake::handshake, samples: handshake::attacks },
    Target { name: "text", run: text::text, samples: text::texts },
    Target { name: "genesis", run: genesis::genesis, samples: genesis::files },
    Target { name: "machine", run: machine::machine, samples: machine::lives },
    Target { name: "rpc", run: rpc::rpc, samples: rpc::requests },
    Target {
        name: "schnorr",
        run: schnorr_batch_fuzz::batch,
        samples: schnorr_batch_fuzz::samples,
    },
];
