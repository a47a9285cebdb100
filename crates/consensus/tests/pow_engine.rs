//! The engine of proof of work, as tables: what it is told, what it then wants.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::script::{FOLLOW, MINE, World};
use isonomy_consensus::Engine;
use isonomy_consensus::pow::{PROPOSE_AGAIN_MS, PROPOSE_RETRY_MS, Settings};
use isonomy_types::Mono;

#[test]
fn it_runs_the_heaviest_branch() {
    World::new("AG1 BA1 CB1").play(
        FOLLOW,
        &[
            ("restored G", "best G"),
            ("header A", "want A"),
            ("header B", "want B"),
            ("executed A", "announce A, best A"),
            ("header C", "want C"),
            ("executed B", "announce B, best B"),
            ("executed C", "announce C, best C, want"),
            ("executed C", ""),
            ("header C", ""),
        ],
    );
}

#[test]
fn it_says_nothing_before_it_is_restored() {
    World::new("AG1").play(
        MINE,
        &[
            ("header A", ""),
            ("executed G", ""),
            ("tick", ""),
            ("mined 0 1", ""),
            ("proposed 0 G", ""),
            ("restored G", "best G, propose 1 G"),
            ("restored G", ""),
        ],
    );
}

#[test]
fn what_was_in_the_log_is_executed_again() {
    World::new("AG1 BA1 CA5").play(
        FOLLOW,
        &[
            ("restored G A B C", "best G, want CB"),
            ("executed A", "announce A, best A"),
            ("executed C", "announce C, best C, want"),
        ],
    );
}

/// Else a node that was killed could find a rival of a block that it has shown, and switch to it.
#[test]
fn nothing_is_mined_before_the_log_is_executed_again() {
    World::new("AG1 BA1 CB1 DB1").play(
        MINE,
        &[
            ("restored G A B C", "best G, want C"),
            ("tick", ""),
            ("executed A", "announce A, best A"),
            ("header D", "want CD"),
            ("executed B", "announce B, best B"),
            ("executed C", "announce C, best C, want, propose 1 C"),
        ],
    );
    World::new("AG1 BA1").play(
        MINE,
        &[
            ("restored G A B", "best G, want B"),
            ("executed A", "announce A, best A"),
            ("condemned B", "want, propose 1 A"),
        ],
    );
}

#[test]
fn ties_go_to_the_lower_id_in_any_order() {
    let world = World::new("AG1 BG1");
    let rows = [
        ("restored G", "best G"),
        ("header B", "want B"),
        ("executed B", "announce B, best B, want"),
        ("header A", "want A"),
        ("executed A", "announce A, best A, want"),
    ];
    world.play(FOLLOW, &rows);
    let rows = [
        ("restored G", "best G"),
        ("header A", "want A"),
        ("executed A", "announce A, best A, want"),
        ("header B", ""),
        ("executed B", "announce B"),
    ];
    world.play(FOLLOW, &rows);
}

/// The branch with the withheld body is wanted first, the others are not forgotten over it.
#[test]
fn attack_63_a_withheld_body_does_not_hide_the_next_branch() {
    World::new("AG9 BG2 CG3 DG4 EG5 FE1").play(
        FOLLOW,
        &[
            ("restored G", "best G"),
            ("header A", "want A"),
            ("header B", "want AB"),
            ("header C", "want ACB"),
            ("header D", "want ADCB"),
            ("header E", "want AEDC"),
            ("header F", "want AFDC"),
            ("executed D", "announce D, best D, want AF"),
            ("executed E", "announce E, best E"),
            ("executed F", "announce F, best F, want A"),
        ],
    );
}

#[test]
fn a_condemned_branch_is_left() {
    World::new("AG1 BA1 CB1 DG2").play(
        FOLLOW,
        &[
            ("restored G A B C D", "best G, want CD"),
            ("executed A", "announce A, best A"),
            ("condemned B", "want D"),
            ("header C", ""),
            ("executed C", ""),
            ("executed D", "announce D, best D, want"),
            ("condemned B", ""),
        ],
    );
}

/// Cannot be by the contract; best must still name an executed block.
#[test]
fn best_falls_back_when_it_is_condemned() {
    World::new("AG1 BA1 CG1").play(
        FOLLOW,
        &[
            ("restored G A B C", "best G, want BC"),
            ("executed A", "announce A, best A, want B"),
            ("executed C", "announce C"),
            ("executed B", "announce B, best B, want"),
            ("condemned A", "best C"),
            ("condemned C", "best G"),
            ("condemned G", ""),
        ],
    );
}

#[test]
fn the_base_follows_best_at_its_depth() {
    let settings = Settings { base_depth: 2, ..FOLLOW };
    World::new("AG1 BA1 CB1 DC1 SA1").play(
        settings,
        &[
            ("restored G A B S C D", "best G, want DS"),
            ("executed A", "announce A, best A"),
            ("executed B", "announce B, best B, want D"),
            ("executed C", "announce C, best C, base A"),
            ("executed D", "announce D, best D, base B, want"),
            // S left with the new base, and weighs too little to matter.
            ("executed S", ""),
            ("header S", ""),
        ],
    );
}

#[test]
fn a_depth_of_zero_makes_best_the_base() {
    let settings = Settings { base_depth: 0, ..FOLLOW };
    World::new("AG1 BA1").play(
        settings,
        &[
            ("restored G A B", "best G, want B"),
            ("executed A", "announce A, best A, base A"),
            ("executed B", "announce B, best B, base B, want"),
        ],
    );
}

/// A heavier branch that waits for its bodies may yet win: the base does not pass its fork.
#[test]
fn the_base_waits_at_the_fork_to_a_heavier_branch() {
    let settings = Settings { base_depth: 1, ..FOLLOW };
    let world = World::new("AG1 BA1 CB1 DC1 HA9");
    let rows = [
        ("restored G A B C D H", "best G, want HD"),
        ("executed A", "announce A, best A"),
        ("executed B", "announce B, best B, base A"),
        ("executed C", "announce C, best C"),
        ("executed D", "announce D, best D, want H"),
    ];
    let condemned = [&rows[..], &[("condemned H", "base C, want")]].concat();
    world.play(settings, &condemned);
    let executed = [&rows[..], &[("executed H", "announce H, best H, want")]].concat();
    world.play(settings, &executed);
}

#[test]
fn a_heavier_branch_that_forks_below_the_base_halts() {
    let settings = Settings { base_depth: 1, ..FOLLOW };
    let rows = [
        ("restored G", "best G"),
        ("header A", "want A"),
        ("executed A", "announce A, best A, want"),
        ("header B", "want B"),
        ("executed B", "announce B, best B, base A, want"),
        ("header C", "want C"),
        ("executed C", "announce C, best C, base B, want"),
        // The same weight does not halt, though its id is lower.
        ("header 1", ""),
        ("header 2", "halt"),
        ("header D", ""),
        ("executed D", ""),
        ("tick", ""),
    ];
    World::new("AG1 BA1 CB1 DC1 1A2 211").play(settings, &rows);
}

/// The fork was dropped when the base passed it; its next header has no parent any more.
#[test]
fn a_dropped_branch_that_grows_heavier_halts() {
    let settings = Settings { base_depth: 1, ..FOLLOW };
    World::new("AG1 BA1 CB1 SG1 TS1 US1 VU9").play(
        settings,
        &[
            ("restored G A B S", "best G, want BS"),
            ("executed A", "announce A, best A, want B"),
            ("executed B", "announce B, best B, base A, want"),
            ("header T", ""),
            ("header U", ""),
            ("header V", "halt"),
        ],
    );
}

#[test]
fn it_mines_on_best() {
    World::new("AG1 BA1").play(
        MINE,
        &[
            ("restored G", "best G, propose 1 G"),
            ("proposed 1 G", "mine 1 0+10 x0"),
            ("mined 1", "mine 1 10+10 x0"),
            ("mined 1", "mine 1 20+10 x0"),
            ("mined 1 27", "seal 1 27"),
            // Our own block comes back: as a header, then, once durable, as executed.
            ("header A", "want A"),
            ("executed A", "announce A, best A, want, propose 2 A"),
            ("proposed 2 A", "mine 2 0+10 x0"),
            // Somebody else was faster.
            ("header B", "want B"),
            ("executed B", "announce B, best B, want, cancel 2, propose 3 B"),
            ("mined 2 5", ""),
            ("proposed 2 A", ""),
            ("mined 3 5", ""),
        ],
    );
}

#[test]
fn a_template_still_being_built_is_cancelled_too() {
    World::new("AG1").play(
        MINE,
        &[
            ("restored G", "best G, propose 1 G"),
            ("header A", "want A"),
            ("executed A", "announce A, best A, want, cancel 1, propose 2 A"),
            ("proposed 1 G", ""),
            ("failed 1", ""),
            ("proposed 2 A", "mine 2 0+10 x0"),
        ],
    );
}

#[test]
fn a_template_on_another_parent_is_no_template() {
    let engine = World::new("AG1").play(
        MINE,
        &[("restored G", "best G, propose 1 G"), ("500: proposed 1 A", ""), ("mined 1 3", "")],
    );
    assert_eq!(engine.deadline(), Some(Mono(500 + PROPOSE_RETRY_MS)));
}

#[test]
fn it_proposes_again_so_that_new_transactions_get_in() {
    let engine = World::new("").play(
        MINE,
        &[
            ("0: restored G", "best G, propose 1 G"),
            ("100: proposed 1 G", "mine 1 0+10 x0"),
            ("10099: tick", ""),
            ("10100: tick", "cancel 1, propose 2 G"),
            ("10100: tick", ""),
            ("10200: proposed 2 G", "mine 2 0+10 x0"),
            ("10300: proposed 2 G", ""),
        ],
    );
    assert_eq!(engine.deadline(), Some(Mono(10_200 + PROPOSE_AGAIN_MS)));
}

#[test]
fn it_tries_again_when_there_is_no_template() {
    World::new("").play(
        MINE,
        &[
            ("0: restored G", "best G, propose 1 G"),
            ("50: failed 1", ""),
            ("1049: tick", ""),
            ("1050: tick", "propose 2 G"),
            // No answer at all is a failure too.
            ("151049: tick", ""),
            ("151050: tick", "cancel 2, propose 3 G"),
            // What comes too late is not mistaken for the answer awaited.
            ("151051: proposed 2 G", ""),
            ("151051: failed 2", ""),
            ("151052: proposed 3 G", "mine 3 0+10 x0"),
            ("151053: failed 3", ""),
        ],
    );
}

#[test]
fn a_sealed_block_that_never_comes_back_stalls_nothing() {
    World::new("").play(
        MINE,
        &[
            ("0: restored G", "best G, propose 1 G"),
            ("0: proposed 1 G", "mine 1 0+10 x0"),
            ("9999: mined 1 4", "seal 1 4"),
            ("9999: mined 1 4", ""),
            ("10000: tick", ""),
            ("19999: tick", "propose 2 G"),
        ],
    );
}

#[test]
fn when_all_nonces_are_used_up_the_extra_nonce_counts() {
    let tries = u64::MAX / 2;
    let settings = Settings { tries, extra: u64::MAX, ..MINE };
    World::new("").play(
        settings,
        &[
            ("restored G", "best G, propose 1 G"),
            ("proposed 1 G", &format!("mine 1 0+{tries} x{}", u64::MAX)),
            ("mined 1", &format!("mine 1 {tries}+{tries} x{}", u64::MAX)),
            ("mined 1", &format!("mine 1 {}+{tries} x{}", tries * 2, u64::MAX)),
            ("mined 1", &format!("mine 1 0+{tries} x0")),
        ],
    );
}

#[test]
fn a_slice_has_at_least_one_try() {
    World::new("").play(
        Settings { tries: 0, ..MINE },
        &[("restored G", "best G, propose 1 G"), ("proposed 1 G", "mine 1 0+1 x0")],
    );
}

#[test]
fn while_syncing_it_does_not_mine() {
    let world = World::new("AG1 BA1 CB1 DC1 ED1 FE1 HF1 IH1 JI1");
    let headers: Vec<_> = "ABCDEFHIJ".chars().map(|name| format!("header {name}")).collect();
    let wants: Vec<_> = "ABCDEFHI".chars().map(|name| format!("want {name}")).collect();
    let mut rows = vec![("restored G", "best G, propose 1 G")];
    rows.extend(headers.iter().map(String::as_str).zip(wants.iter().map(String::as_str)));
    rows.push(("header J", "want J, cancel 1"));
    rows.push(("tick", ""));
    let caught_up = [("executed A", "announce A, best A, propose 2 A"), ("condemned B", "want")];
    world.play(MINE, &[&rows[..], &caught_up].concat());
    world.play(MINE, &[&rows[..], &[("condemned A", "want, propose 2 G")]].concat());
}

#[test]
fn it_has_no_deadline_when_it_does_not_mine() {
    let engine = World::new("").play(FOLLOW, &[("restored G", "best G"), ("99999: tick", "")]);
    assert_eq!(engine.deadline(), None);
    assert_eq!(World::new("").play(MINE, &[]).deadline(), None);
}

#[test]
fn halting_ends_mining() {
    let settings = Settings { base_depth: 0, ..MINE };
    let engine = World::new("AG1 BG9").play(
        settings,
        &[
            ("restored G", "best G, propose 1 G"),
            ("header A", "want A"),
            ("executed A", "announce A, best A, base A, want, cancel 1, propose 2 A"),
            ("header B", "halt"),
            ("proposed 2 A", ""),
            ("99999: tick", ""),
        ],
    );
    assert_eq!(engine.deadline(), None);
}

#[test]
fn what_is_not_for_it_changes_nothing_and_messages_are_blamed() {
    World::new("AG1").play(
        FOLLOW,
        &[
            ("message 7", "blame 7"),
            ("restored G", "best G"),
            ("message 8", "blame 8"),
            ("certified G", ""),
            ("signed 1", ""),
            ("executed A", ""),
            ("condemned A", ""),
        ],
    );
}
