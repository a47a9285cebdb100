//! Nodes that hear each other through wires.
use super::World;
use isonomy_node::Input;
use isonomy_peer::Direction;
use isonomy_types::{Link, NodeKey};

/// Nodes and the wires between them.
pub struct Net {
    pub worlds: Vec<World>,
    wires: Vec<[(usize, Link); 2]>,
    links: u64,
    /// Bytes that a wire carries at once.
    pub piece: usize,
}

impl Net {
    pub fn new(worlds: Vec<World>) -> Self {
        Self { worlds, wires: Vec::new(), links: 1_000, piece: 1 << 20 }
    }

    /// The first calls the second.
    pub fn connect(&mut self, a: usize, b: usize) {
        self.links += 1;
        let ends = [(a, Link(self.links)), (b, Link(self.links))];
        for ((of, link), (other, direction)) in
            ends.into_iter().zip([(b, Direction::Outbound), (a, Direction::Inbound)])
        {
            self.worlds[of].open(link, direction, NodeKey([other as u8; 32]), None);
        }
        self.wires.push(ends);
        self.exchange();
    }

    /// Jobs run, writes become durable and bytes travel until all is quiet.
    pub fn exchange(&mut self) {
        for _ in 0..10_000 {
            self.worlds.iter_mut().for_each(World::settle);
            let mut quiet = true;
            for wire in self.wires.clone() {
                for [from, to] in [wire, [wire[1], wire[0]]] {
                    let bytes = self.worlds[from.0].streams.remove(&from.1).unwrap_or_default();
                    for piece in bytes.chunks(self.piece) {
                        quiet = false;
                        let (link, bytes) = (to.1, piece.to_vec());
                        self.worlds[to.0].input(Input::Received { link, bytes });
                    }
                }
            }
            if quiet {
                return;
            }
        }
        panic!("no end of talk");
    }

    /// All wires are cut.
    pub fn cut(&mut self) {
        for (of, link) in self.wires.drain(..).flatten() {
            self.worlds[of].streams.remove(&link);
            self.worlds[of].close(link);
        }
    }

    /// Goes down and starts anew on what was durable.
    pub fn crash(&mut self, index: usize) {
        let world = self.worlds.remove(index).crash();
        self.worlds.insert(index, world);
    }

    /// So many blocks, which the others hear of.
    pub fn mine(&mut self, by: usize, blocks: usize) {
        for _ in 0..blocks {
            self.wait(1_000);
            self.worlds[by].mine();
            self.exchange();
        }
    }

    /// Time passes everywhere at once.
    pub fn wait(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(100) {
            self.worlds.iter_mut().for_each(|world| world.wait(100));
            self.exchange();
        }
    }
}
