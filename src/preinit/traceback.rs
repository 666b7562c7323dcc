//! Makes a guest traceback readable: the user's frames, with the user's paths.

use crate::project::SearchPath;

/// Keeps the frames that lie in the search path, unless there are none.
pub fn clean(traceback: &str, path: &SearchPath) -> String {
    let kept = drop_foreign_frames(traceback);
    path.show_guest_paths(kept.trim_end())
}

/// With `-v`: every frame, with the user's paths.
pub fn whole(traceback: &str, path: &SearchPath) -> String {
    path.show_guest_paths(traceback.trim_end())
}

fn drop_foreign_frames(traceback: &str) -> String {
    const HEADER: &str = "Traceback (most recent call last):";
    let mut kept: Vec<&str> = Vec::new();
    let mut in_foreign_frame = false;
    for line in traceback.lines() {
        let is_frame = line.starts_with("  File \"") && line.contains(", in ");
        if is_frame {
            in_foreign_frame = is_foreign(line);
        } else if !line.starts_with("    ") {
            // The exception itself, or the start of the next traceback.
            in_foreign_frame = false;
            // A syntax error has no frame of the user's, only a line.
            if kept.last() == Some(&HEADER) {
                kept.pop();
            }
        }
        if !in_foreign_frame {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// `true` for frames of the importer, the standard library and the generated code.
fn is_foreign(frame: &str) -> bool {
    ["<frozen ", "/python/", "/bindings/", "<string>"]
        .iter()
        .any(|start| frame["  File \"".len()..].starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::drop_foreign_frames;

    #[test]
    fn importer_frames_go() {
        let traceback = "Traceback (most recent call last):\n  File \"<frozen importlib._bootstrap>\", line 1, in _f\n  File \"/0/app.py\", line 2, in <module>\n    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero\n";
        assert_eq!(
            drop_foreign_frames(traceback),
            "Traceback (most recent call last):\n  File \"/0/app.py\", line 2, in <module>\n    1 / 0\n    ~~^~~\nZeroDivisionError: division by zero"
        );
    }

    #[test]
    fn syntax_errors_keep_their_line() {
        let traceback = "Traceback (most recent call last):\n  File \"<frozen importlib._bootstrap>\", line 1, in _f\n  File \"/0/app.py\", line 2\n    def\nSyntaxError: invalid syntax\n";
        assert_eq!(
            drop_foreign_frames(traceback),
            "  File \"/0/app.py\", line 2\n    def\nSyntaxError: invalid syntax"
        );
    }
}
