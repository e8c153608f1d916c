//! What finished steps left, by their names.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::output::Output;
use crate::ids::StepName;

/// How many outputs a page holds at most.
const PAGE: usize = 128;

/// The outputs of finished steps, in the order of the steps' names.
///
/// Each step is given all that is known when it begins, and a large run has tens of thousands of steps. So a copy shares
/// every page with what it was made of, and a change copies the one page that it is on.
#[derive(Clone, Default, PartialEq)]
pub struct Outputs {
    /// None is empty; the names in each come after those in the pages before it.
    pages: Vec<Arc<Page>>,
}

type Page = BTreeMap<StepName, Arc<Output>>;

impl Outputs {
    /// What a step left.
    #[must_use]
    pub fn get(&self, step: &StepName) -> Option<&Output> {
        self.pages.get(self.page_of(step))?.get(step).map(Arc::as_ref)
    }

    /// Whether no step left anything yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Whether a step left anything.
    #[must_use]
    pub fn contains_key(&self, step: &StepName) -> bool {
        self.get(step).is_some()
    }

    /// Everything that was left.
    pub fn values(&self) -> impl Iterator<Item = &Output> {
        self.iter().map(|(_, output)| output)
    }

    /// Every step that left something, and what.
    pub fn iter(&self) -> impl Iterator<Item = (&StepName, &Output)> {
        self.pages.iter().flat_map(|page| page.iter()).map(|(step, output)| (step, output.as_ref()))
    }

    /// Takes in what a step left.
    pub fn insert(&mut self, step: StepName, output: Output) {
        let at = self.page_of(&step);
        if self.pages.is_empty() {
            self.pages.push(Arc::default());
        }
        let page = Arc::make_mut(&mut self.pages[at]);
        page.insert(step, Arc::new(output));
        if page.len() > PAGE
            && let Some(middle) = page.keys().nth(PAGE / 2).cloned()
        {
            let rest = page.split_off(&middle);
            self.pages.insert(at + 1, Arc::new(rest));
        }
    }

    /// Forgets what a step left.
    pub fn remove(&mut self, step: &StepName) {
        let at = self.page_of(step);
        let Some(page) = self.pages.get_mut(at).filter(|page| page.contains_key(step)) else { return };
        let page = Arc::make_mut(page);
        page.remove(step);
        if page.is_empty() {
            self.pages.remove(at);
        }
    }

    /// Forgets what steps left that are not meant.
    pub fn retain(&mut self, mut is_meant: impl FnMut(&StepName) -> bool) {
        for page in &mut self.pages {
            Arc::make_mut(page).retain(|step, _| is_meant(step));
        }
        self.pages.retain(|page| !page.is_empty());
    }

    /// The page on which a step is, or would be.
    fn page_of(&self, step: &StepName) -> usize {
        let begins_behind = |page: &Arc<Page>| page.keys().next().is_some_and(|first| first > step);
        self.pages.partition_point(|page| !begins_behind(page)).saturating_sub(1)
    }
}

impl fmt::Debug for Outputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_map_holds_and_copies_stay_as_they_were(
            changes in prop::collection::vec((0_u32..900, any::<bool>()), 0..2000),
        ) {
            let name = |number: u32| format!("prove/acme/{number}").parse::<StepName>().unwrap();
            let (mut outputs, mut map) = (Outputs::default(), BTreeMap::new());
            let mut copies = Vec::new();
            for (turn, (number, is_there)) in changes.into_iter().enumerate() {
                // More come than go, as in a run.
                if is_there || turn % 3 == 0 {
                    outputs.insert(name(number), Output::Note(turn.to_string()));
                    map.insert(name(number), Output::Note(turn.to_string()));
                } else {
                    outputs.remove(&name(number));
                    map.remove(&name(number));
                }
                prop_assert_eq!(outputs.get(&name(number)), map.get(&name(number)));
                if turn % 100 == 0 {
                    copies.push((outputs.clone(), map.clone()));
                }
            }
            copies.push((outputs, map));
            for (outputs, map) in &copies {
                prop_assert!(outputs.iter().eq(map));
                prop_assert!(map.keys().all(|step| outputs.contains_key(step)));
                prop_assert!(outputs.pages.iter().all(|page| (1..=PAGE).contains(&page.len())));
            }
        }
    }
}
