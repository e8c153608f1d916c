//! How the table becomes a type: an enum of the kinds, and a total match for every column.

/// Declares the kinds of step once. Every column is demanded of every row.
macro_rules! step_kinds {
    ($(
        $kind:ident = $name:literal: $does:literal;
        listed $listing:ident, each $scope:ident: $applies:ident, seen $visibility:ident, undo $undo:expr;
        order $order:ident, others $others:ident, left_out $left_out:ident, moved $moved:ident;
        github asks $asks:literal, changes $changes:literal;
        needs [$( $needed:ident ),*], leads_to [$( $later:ident ),*];
        rests [$( $basis:ident ),*];
        people [$( $decision:ident when $when:ident => $means:literal ),*];
    )+) => {
        /// What kind of step a step is: what it does, and what is true of it wherever it stands.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum StepKind {
            $( #[doc = $does] $kind, )+
        }

        impl StepKind {
            /// All kinds, in the order of the life of a release.
            pub const ALL: &'static [StepKind] = &[ $( StepKind::$kind, )+ ];

            /// The name that workflows and step names use.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( StepKind::$kind => $name, )+ }
            }

            /// What it does, in a line.
            #[must_use]
            pub fn does(self) -> &'static str {
                match self { $( StepKind::$kind => $does, )+ }
            }

            $crate::kinds::declare::columns! {
                /// How workflows list it.
                listing: Listing = [$( $kind $listing )+];
                /// What it is done once for. What a `confirm` is done once for, its workflow says.
                scope: Scope = [$( $kind $scope )+];
                /// To what in its scope it applies.
                applies: Applies = [$( $kind $applies )+];
                /// Who can see its effect.
                visibility: Visibility = [$( $kind $visibility )+];
                /// Which order it keeps whatever the workflow lists.
                order: Order = [$( $kind $order )+];
                /// What later steps of the same subject do while it waits.
                others: Others = [$( $kind $others )+];
                /// What happens to it when people leave its branch out.
                when_left_out: WhenLeftOut = [$( $kind $left_out )+];
                /// What happens to it, once done, when the head of its branch moves.
                when_head_moves: WhenHeadMoves = [$( $kind $moved )+];
            }

            /// What it takes to undo it.
            #[must_use]
            pub fn undo(self) -> $crate::kinds::Undo {
                match self { $( StepKind::$kind => $undo, )+ }
            }

            /// What it usually asks GitHub's interface and changes there, where nothing is retried or waited for long.
            #[must_use]
            pub fn requests(self) -> $crate::kinds::Requests {
                match self {
                    $( StepKind::$kind => $crate::kinds::Requests { asks: $asks, changes: $changes }, )+
                }
            }

            /// The kinds that have to be listed before it, as far as they apply: it does nothing without them, or nothing safe.
            #[must_use]
            pub fn needs(self) -> &'static [StepKind] {
                match self { $( StepKind::$kind => &[ $( StepKind::$needed, )* ], )+ }
            }

            /// The kinds that have to be listed after it, as far as they apply: what it begins is ended or looked at by them.
            #[must_use]
            pub fn leads_to(self) -> &'static [StepKind] {
                match self { $( StepKind::$kind => &[ $( StepKind::$later, )* ], )+ }
            }

            /// What of the user's files it rests on, itself or by the steps before it.
            #[must_use]
            pub fn rests_on(self) -> &'static [$crate::kinds::Basis] {
                match self { $( StepKind::$kind => &[ $( $crate::kinds::Basis::$basis, )* ], )+ }
            }

            /// The decisions that people can take about it. Any other has no effect and is refused.
            #[must_use]
            pub fn decisions(self) -> &'static [$crate::kinds::columns::AllowedDecision] {
                use $crate::kinds::columns::{AllowedDecision, DecisionKind, When};
                match self {
                    $( StepKind::$kind => &[ $(
                        AllowedDecision {
                            decision: DecisionKind::$decision,
                            when: When::$when,
                            means: $means,
                        },
                    )* ], )+
                }
            }
        }
    };
}

/// Declares the columns that are one word of an enum.
macro_rules! columns {
    ($( #[doc = $doc:literal] $column:ident: $type:ident = [$( $kind:ident $value:ident )+]; )+) => { $(
        #[doc = $doc]
        #[must_use]
        pub fn $column(self) -> $crate::kinds::$type {
            match self { $( StepKind::$kind => $crate::kinds::$type::$value, )+ }
        }
    )+ };
}

pub(super) use {columns, step_kinds};
