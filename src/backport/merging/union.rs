//! Joining what both sides say, as git's driver `merge=union` does: where they disagree, the lines of the branch and then
//! those of the fix.
//!
//! After git's `xdiff/xmerge.c`: lines that both sides have within a disagreement stand once (`xdl_refine_conflicts`), unless
//! they are so few that they tell nothing (`xdl_simplify_non_conflicts`).

use std::ops::Range;

use imara_diff::Token;

use super::edits::Texts;
use super::text_merge::{Region, Side, regions};

/// Lines between two disagreements that are too few to tell anything.
const FEW: usize = 3;

/// A place in which the sides differ.
struct Place {
    who: Who,
    ours: Range<usize>,
    theirs: Range<usize>,
}

/// Whose lines stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// The branch's.
    Ours,
    /// The fix's.
    Theirs,
    /// Those of both.
    Both,
}

/// The merged text of a file whose disagreements are joined.
pub(super) fn joined(texts: [&[u8]; 3]) -> Vec<u8> {
    let (texts, regions) = regions(texts);
    let places = simplified(regions.iter().flat_map(|region| refined(&texts, region)));
    let (mut text, mut copied) = (Vec::new(), 0);
    for place in places.iter().filter(|place| place.who != Who::Ours) {
        texts.copy(&texts.ours[copied.min(place.ours.start)..place.ours.start], &mut text);
        if place.who == Who::Both {
            texts.copy(&texts.ours[place.ours.clone()], &mut text);
            if text.last().is_some_and(|&last| last != b'\n') && !place.ours.is_empty() {
                text.extend_from_slice(ending(&texts, place));
            }
        }
        texts.copy(&texts.theirs[place.theirs.clone()], &mut text);
        copied = place.ours.end;
    }
    texts.copy(&texts.ours[copied.min(texts.ours.len())..], &mut text);
    text
}

/// A disagreement without the lines that both sides have.
fn refined(texts: &Texts<'_>, region: &Region) -> Vec<Place> {
    let within = |range: &Range<usize>, length: usize| range.start.min(length)..range.end.min(length);
    let ours = within(&region.ours, texts.ours.len());
    let theirs = within(&region.theirs, texts.theirs.len());
    let whole = |who| vec![Place { who, ours: ours.clone(), theirs: theirs.clone() }];
    match region.side {
        Side::Ours => return whole(Who::Ours),
        Side::Theirs => return whole(Who::Theirs),
        Side::Both if ours.is_empty() || theirs.is_empty() => return whole(Who::Both),
        Side::Both => {}
    }
    let edits = texts.edits(&texts.ours[ours.clone()], &texts.theirs[theirs.clone()]);
    if edits.is_empty() {
        return whole(Who::Ours);
    }
    let shifted = |range: &Range<usize>, by: usize| range.start + by..range.end + by;
    let places = edits.iter().map(|edit| Place {
        who: Who::Both,
        ours: shifted(&edit.before, ours.start),
        theirs: shifted(&edit.after, theirs.start),
    });
    places.collect()
}

/// The places, with those made one between which nearly nothing is.
fn simplified(places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut kept: Vec<Place> = Vec::new();
    for place in places {
        match kept.last_mut() {
            Some(last)
                if last.who == Who::Both
                    && place.who == Who::Both
                    && place.ours.start - last.ours.end <= FEW =>
            {
                last.ours.end = place.ours.end;
                last.theirs.end = place.theirs.end;
            }
            _ => kept.push(place),
        }
    }
    kept
}

/// How a line is ended that had no end and is the last no more (`is_cr_needed`): by LF if the lines before it on one side
/// are, else as the first line of the base is.
fn ending(texts: &Texts<'_>, place: &Place) -> &'static [u8] {
    let says = |lines: &[Token], start: usize| is_crlf(texts, lines, start.saturating_sub(1));
    let sides = [says(&texts.ours, place.ours.start), says(&texts.theirs, place.theirs.start)];
    let is_crlf = !sides.contains(&Some(false)) && says(&texts.base, 0) == Some(true);
    if is_crlf { b"\r\n" } else { b"\n" }
}

/// Whether the line ends by CRLF; one without an end says nothing, and the one before it does.
fn is_crlf(texts: &Texts<'_>, lines: &[Token], at: usize) -> Option<bool> {
    let ends_with = |token: Token, end: &[u8]| {
        let mut line = Vec::new();
        texts.copy(&[token], &mut line);
        line.ends_with(end)
    };
    let line = *lines.get(at)?;
    if ends_with(line, b"\n") {
        return Some(ends_with(line, b"\r\n"));
    }
    Some(ends_with(*lines.get(at.checked_sub(1)?)?, b"\r\n"))
}
