//! Pages of a state's tree: one page for a fork, and nothing wrong is made of a damaged one.
use isonomy_ledger::{
    Empty, Key, Layer, Order, Pair, ReadFailed, Span, StateTree, Value, View, tree_page_forks,
};
use std::convert::Infallible;
use std::sync::Arc;

/// A store that answers with one page wherever it is asked.
struct One(Value);

impl View for One {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(None)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        Empty.scan(span, order)
    }

    fn tree_page(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(Some(self.0.clone()))
    }
}

/// Reads the bytes as the top page of a tree, and goes down from there.
pub fn page(data: &[u8]) {
    let tree = StateTree::stored(Arc::new(One(data.into())));
    let forks = tree_page_forks(data);
    let Ok(tree) = tree else { return };
    assert!(forks.is_ok(), "a page to the tree is one to the store, which reads no leaves");
    for (at, page) in pages(&tree) {
        assert!(!at.is_empty() || page == data, "one page for a fork");
    }
    let key = |number: u8| Key::from([number]);
    for value in [Some(Value::from([1])), None] {
        let write = |number| (key(number), value.clone());
        let layer = Layer { writes: (0..40).map(write).collect() };
        let Ok(after) = tree.update(&layer) else { continue };
        assert!(after.len() >= 40 || value.is_none(), "what was written is there");
        let again = after.update(&layer).map(|again| again.root());
        assert_eq!(again, Ok(after.root()), "and all on its way is in memory");
    }
    let _ = tree.prove(&[&[0], &[1], &[2]]);
    let _ = tree.compare(&Empty);
}

fn pages(tree: &StateTree) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut pages = Vec::new();
    let told = tree.pages_since(&StateTree::default(), |at, page| {
        pages.push((at.to_vec(), page.to_vec()));
        Ok::<_, Infallible>(())
    });
    told.map_or_else(|never| match never {}, |()| pages)
}

pub(crate) fn samples() -> Vec<Vec<u8>> {
    let write = |number: u16| {
        let key = number.to_be_bytes();
        let key = if number < 256 { &key[1..] } else { &key[..] };
        (Key::from(key), Some(Value::from([7])))
    };
    let trees = [1, 16, 17, 100, 1_000]
        .map(|keys| StateTree::default().update(&Layer { writes: (0..keys).map(write).collect() }));
    let some = |tree: &StateTree| pages(tree).into_iter().take(3);
    trees.iter().flatten().flat_map(some).map(|(_, page)| page).collect()
}
