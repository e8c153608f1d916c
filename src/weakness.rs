//! Weakness ids as GitHub takes them: `CWE-` and the number of a weakness. Categories and views are none.

/// The numbers of the weaknesses of CWE's view of research concepts, as first and last of a run (CWE 4.16).
const WEAKNESSES: [(u32, u32); 103] = [
    (5, 9),
    (11, 15),
    (20, 20),
    (22, 59),
    (61, 62),
    (64, 67),
    (69, 69),
    (72, 91),
    (93, 99),
    (102, 131),
    (134, 135),
    (138, 138),
    (140, 168),
    (170, 170),
    (172, 188),
    (190, 198),
    (200, 215),
    (219, 224),
    (226, 226),
    (228, 246),
    (248, 248),
    (250, 250),
    (252, 253),
    (256, 263),
    (266, 274),
    (276, 291),
    (293, 309),
    (311, 319),
    (321, 354),
    (356, 360),
    (362, 364),
    (366, 370),
    (372, 372),
    (374, 375),
    (377, 379),
    (382, 386),
    (390, 397),
    (400, 410),
    (412, 416),
    (419, 422),
    (424, 428),
    (430, 437),
    (439, 441),
    (444, 444),
    (446, 451),
    (453, 457),
    (459, 460),
    (462, 464),
    (466, 484),
    (486, 489),
    (491, 502),
    (506, 512),
    (514, 515),
    (520, 532),
    (535, 541),
    (543, 544),
    (546, 556),
    (558, 558),
    (560, 568),
    (570, 591),
    (593, 595),
    (597, 603),
    (605, 628),
    (636, 657),
    (662, 676),
    (680, 698),
    (703, 708),
    (710, 710),
    (732, 733),
    (749, 749),
    (754, 768),
    (770, 799),
    (804, 807),
    (820, 839),
    (841, 843),
    (862, 863),
    (908, 918),
    (920, 927),
    (939, 943),
    (1004, 1004),
    (1007, 1007),
    (1021, 1025),
    (1037, 1039),
    (1041, 1080),
    (1082, 1127),
    (1164, 1164),
    (1173, 1174),
    (1176, 1177),
    (1188, 1193),
    (1204, 1204),
    (1209, 1209),
    (1220, 1224),
    (1229, 1236),
    (1239, 1304),
    (1310, 1323),
    (1325, 1336),
    (1338, 1339),
    (1341, 1342),
    (1351, 1351),
    (1357, 1357),
    (1384, 1386),
    (1389, 1395),
    (1419, 1423),
];

/// Later editions number on from the last one known here: what they added is let through.
const LATER: u32 = 2000;

/// Why a text is no weakness, and what to write in its place.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAWeakness {
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub remedy: String,
}

/// Refuses what GitHub would answer with 422, which on release day is too late.
///
/// # Errors
/// With what to write in its place.
pub fn check_weakness(text: &str) -> Result<(), NotAWeakness> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let Some(number) = digits.parse::<u32>().ok().filter(|number| is_weakness(*number)) else {
        return Err(NotAWeakness {
            message: format!("`{text}` is not a weakness that GitHub knows"),
            remedy: "take the id of a weakness, not of a category or view, for example `CWE-79`".to_owned(),
        });
    };
    let canonical = format!("CWE-{number}");
    if text == canonical {
        return Ok(());
    }
    Err(NotAWeakness {
        message: format!("`{text}` is not a weakness id as GitHub writes it"),
        remedy: format!("did you mean `{canonical}`?"),
    })
}

fn is_weakness(number: u32) -> bool {
    let last = WEAKNESSES.last().map_or(0, |(_, last)| *last);
    (last < number && number < LATER)
        || WEAKNESSES.iter().any(|(first, last)| (*first..=*last).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("CWE-79")]
    #[case("CWE-400")]
    #[case("CWE-1333")]
    fn weakness_is_taken(#[case] text: &str) {
        assert_eq!(check_weakness(text), Ok(()));
    }

    #[rstest::rstest]
    #[case("CWE-79 ", "did you mean `CWE-79`?")]
    #[case("79", "did you mean `CWE-79`?")]
    #[case("cwe-79", "did you mean `CWE-79`?")]
    #[case("CWE-079", "did you mean `CWE-79`?")]
    #[case("CWE_79", "did you mean `CWE-79`?")]
    fn other_spelling_is_refused_with_the_right_one(#[case] text: &str, #[case] remedy: &str) {
        assert_eq!(check_weakness(text).unwrap_err().remedy, remedy);
    }

    #[rstest::rstest]
    #[case::category("CWE-16")]
    #[case::view("CWE-1000")]
    #[case::nothing("")]
    #[case::beyond_every_edition("CWE-99999")]
    #[case::name("Cross-site Scripting")]
    fn what_is_no_weakness_is_refused(#[case] text: &str) {
        assert!(check_weakness(text).unwrap_err().message.contains("is not a weakness that GitHub knows"));
    }
}
