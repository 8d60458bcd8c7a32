//! What a real client sent, and the rows that a person reads out of it.

use super::{check, check_states, events, fold, standard};

#[test]
fn refused_calls_are_denied_by_the_end_of_the_turn() {
    let events = standard(scenario!("denied"));
    check(
        &events,
        &[
            "Ended since 11 | prompts 1 calls 3 failures 0 agents 0 compactions 0 | Clean up. | - | -",
            "  Bash main denied 3-10",
            "  Bash main denied 5-10",
            "  Write main denied 7-10 asked 8",
        ],
    );
    check_states(
        &events,
        &[(1, "Idle"), (2, "Working"), (6, "Waiting Write: /home/dev/project/x.txt"), (7, "Idle"), (8, "Ended")],
    );
}

#[test]
fn a_batch_says_earlier_that_a_call_was_denied() {
    check(
        &events(scenario!("denied")),
        &[
            "Ended since 11 | prompts 1 calls 3 failures 0 agents 0 compactions 0 | Clean up. | - | -",
            "  Bash main denied 3-4",
            "  Bash main denied 5-6",
            "  Write main denied 7-9 asked 8",
        ],
    );
}

#[test]
fn an_interrupted_turn_ends_with_the_client_or_its_next_start() {
    let events = standard(scenario!("interrupted"));
    check(
        &events,
        &[
            "Ended since 4 | prompts 1 calls 1 failures 0 agents 0 compactions 0 | Long command. | - | -",
            "  Bash main interrupted 3-4",
            "Ended since 7 | prompts 1 calls 0 failures 0 agents 0 compactions 0 | Long stream. | - | -",
            "Ended since 14 | prompts 2 calls 1 failures 0 agents 0 compactions 0 | Killed. | - | -",
            "  Bash main interrupted 10-11",
        ],
    );
}

#[test]
fn an_interactive_session_asks_compacts_and_clears() {
    let events = standard(scenario!("interactive"));
    check(
        &events,
        &[
            "Ended since 21 | prompts 3 calls 3 failures 0 agents 0 compactions 1 | First interactive prompt. | claude-opus-5-5 | -",
            "  Read main ok 4-5",
            "  Bash main ok 9-12 asked 10",
            "  Bash main interrupted 16-19",
            "Ended since 25 | prompts 0 calls 0 failures 0 agents 0 compactions 0 | - | claude-sonnet-5-5 | -",
        ],
    );
    let asked = "Waiting Bash: touch made_by_bash.txt";
    // The notification that follows the dialog asks nothing new; `/compact` is taken by an idle client only.
    check_states(
        &events[..17],
        &[(5, "Idle"), (6, "Working"), (8, asked), (9, asked), (10, "Working"), (11, "Idle"), (13, "Working")],
    );
    check_states(&events[..17], &[(16, "Idle"), (17, "Ended")]);
}

#[test]
fn foreground_agents_hold_the_session() {
    let events = standard(scenario!("subagent_fg"));
    check(
        &events,
        &[
            "Ended since 23 | prompts 1 calls 5 failures 0 agents 2 compactions 0 | Delegate the search. | - | -",
            "  Agent main ok 3-12",
            "  Grep a4426 ok 5-6",
            "  Read a4426 ok 8-9",
            "  Agent main ok 14-20",
            "  Bash aec68 ok 16-17",
            "  agent a4426 Explore foreground completed 4-11 by main surely | Find add function | haiku -> claude-haiku-5-5 | calls 2 failures 0",
            "  agent aec68 general-purpose foreground completed 15-19 by main surely | Run the tests | - -> claude-opus-5-5 | calls 1 failures 0",
        ],
    );
    let begun = fold(&events[..4], 1);
    assert!(
        begun.contains("agent a4426 Explore foreground running 4-- by main perhaps | Find add function | haiku -> -"),
        "{begun}"
    );
}

#[test]
fn background_agents_leave_the_session_idle() {
    let events = standard(scenario!("subagent_bg"));
    check(
        &events,
        &[
            "Ended since 14 | prompts 1 calls 2 failures 0 agents 1 compactions 0 | Delegate in the background. | - | -",
            "  Agent main ok 3-5",
            "  Bash a0bc7 ok 6-8",
            "  agent a0bc7 general-purpose background completed 4-11 by main surely | Count files | - -> claude-opus-5-5 | calls 1 failures 0",
        ],
    );
    // The Stop of the main thread, while the agent works; then its notification starts a turn.
    check_states(&events, &[(8, "Idle"), (9, "Idle"), (10, "Working"), (11, "Idle")]);
}

#[test]
fn parallel_calls_are_joined_by_their_id() {
    check(
        &standard(scenario!("tools_parallel")),
        &[
            "Ended since 16 | prompts 1 calls 5 failures 1 agents 0 compactions 0 | Do three things at once. | - | -",
            "  Read main ok 3-7",
            "  Bash main ok 4-8",
            "  Grep main ok 5-6",
            "  Read main ok 10-13",
            "  Read main failed 11-12",
        ],
    );
}
