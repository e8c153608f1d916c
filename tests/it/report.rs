//! The report as one file: whole, self-contained, and for its owner alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{World, expect, fixture, not_tested, program, run, said};

#[test]
fn report_of_a_release_is_one_file() {
    let world = World::new();
    let out = world.path();
    let out = out.to_str().unwrap();
    expect(&run(["rehearse", fixture("demo").to_str().unwrap(), "--keep", out]), 0);
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (html, markdown) = (place("report.html"), place("report.md"));
    let written = run(["report", "--dir", out, "--html", &html, "--markdown", &markdown, "--json"]);
    expect(&written, 0);
    let answer: Value = serde_json::from_slice(&written.stdout).unwrap();
    assert_eq!(answer["result"], world.report(), "the same as `report.json`");

    // Slashes are escaped, too.
    let page = std::fs::read_to_string(&html).unwrap().replace("&#x2f;", "/");
    let pages = world.report();
    for target in pages["targets"].as_array().unwrap() {
        for part in [&target["tree"], &target["patch"]["url"]] {
            assert!(page.contains(part.as_str().unwrap()), "{part}");
        }
    }
    for mail in pages["mails"].as_array().unwrap() {
        assert!(page.contains(mail["step"].as_str().unwrap()), "{mail}");
    }
    assert!(page.contains("<svg") && page.ends_with("</html>"), "it ends where it should");
    let text = std::fs::read_to_string(&markdown).unwrap();
    assert!(text.contains("```mermaid\nflowchart LR\n") && text.contains("## What happened"), "{text}");
    for file in [&html, &markdown] {
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let refused = run(["report", "--dir", out, "--html", &place("no/such/report.html")]);
    expect(&refused, 2);
    assert!(said(&refused).contains("no/such/report.html"), "{}", said(&refused));
    in_a_browser(Path::new(&html));
}

/// A page with the report in frames of three widths, which tells of each what a reader would see.
const FRAMES: &str = r##"<!DOCTYPE html><html><body><pre id="told">nothing</pre>
<iframe src="report.html" width="400"></iframe><iframe src="report.html" width="900"></iframe>
<iframe src="report.html" width="1600"></iframe>
<script>
addEventListener("load", () => {
  const told = [...document.querySelectorAll("iframe")].map(frame => {
    const page = frame.contentDocument;
    const links = [...page.querySelectorAll("a")].map(link => link.getAttribute("href"));
    const lost = links.filter(link => link.startsWith("#") && !page.querySelector(link));
    const loaded = frame.contentWindow.performance.getEntriesByType("resource");
    const fits = page.documentElement.scrollWidth <= frame.clientWidth;
    const drawn = page.querySelector("svg").getBoundingClientRect();
    return `${frame.width}: ${fits ? "fits" : "overflows"}, ${links.length > 20 ? "links" : "no links"}, ${lost.length} lost, `
      + `${loaded.length} loaded, ${drawn.width > 300 && drawn.height > 50 ? "drawn" : "not drawn"}`;
  });
  document.getElementById("told").textContent = told.join("\n");
});
</script></body></html>"##;

/// The page as a real browser shows it: it fits, nothing is loaded, every link inside leads somewhere, and nothing is wrong. Where
/// Chromium is not installed, that is said; it is too large to be required.
fn in_a_browser(html: &Path) {
    let Some(chromium) = program("chromium") else {
        not_tested("`chromium` is not on PATH: `apt-get install chromium`");
        return;
    };
    let folder = html.parent().unwrap();
    std::fs::write(folder.join("frames.html"), FRAMES).unwrap();
    let mut browser = Command::new(chromium);
    browser.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-sync",
    ]);
    browser.args([
        "--disable-background-networking",
        "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]);
    browser.args(["--allow-file-access-from-files", "--enable-logging=stderr", "--dump-dom"]);
    browser.arg(format!("--user-data-dir={}", folder.join("browser").display()));
    let output = browser.arg(format!("file://{}", folder.join("frames.html").display())).output().unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    let (_, told) =
        page.split_once("<pre id=\"told\">").unwrap_or_else(|| panic!("no page: {}", said(&output)));
    let (told, _) = told.split_once("</pre>").unwrap();
    let widths = ["400", "900", "1600"];
    let sound = widths.map(|width| format!("{width}: fits, links, 0 lost, 0 loaded, drawn"));
    assert_eq!(told, sound.join("\n"));
    let console = String::from_utf8_lossy(&output.stderr);
    assert!(!console.contains("CONSOLE"), "{console}");
}
