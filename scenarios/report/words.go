package report

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// visitorNames are given to visitors v1 to v4 in the order they appear.
var visitorNames = []string{"Ann", "Ben", "Cleo", "Dan"}

// visitor returns the name of a visitor, or "" if actor is none.
func visitor(actor string) string {
	var n int
	if actor == "crawler" {
		return "the crawler"
	}
	if _, err := fmt.Sscanf(actor, "v%d", &n); err != nil || fmt.Sprintf("v%d", n) != actor || n < 1 {
		return ""
	}
	if n <= len(visitorNames) {
		return visitorNames[n-1]
	}
	return fmt.Sprintf("visitor %d", n)
}

// classWords say in a few words what a class of violation looks like.
func classWords(c prove.Class) string {
	switch c {
	case prove.Stale:
		return "old files under a new page"
	case prove.Ahead:
		return "new files under an old page"
	case prove.Missing:
		return "a file is missing from the page"
	case prove.Torn:
		return "half a file"
	case prove.Mixed:
		return "files of several releases on one page"
	case prove.Poison:
		return "a cache keeps the wrong file"
	case prove.StalePage:
		return "a whole old page after the deploy"
	case prove.Flip:
		return "an old page after a new one"
	}
	return ""
}

// how says whether a violation stays.
func how(sticky bool) string {
	if sticky {
		return "sticky"
	}
	return "passing"
}

// meaning is the one sentence below a counterexample.
func meaning(v prove.Verdict, s story) string {
	what, want, got := s.what, s.want, s.got
	switch v.Class {
	case prove.StalePage:
		return "The deploy is done, yet visitors are shown the whole page of before, and nothing tells them."
	case prove.Flip:
		return "A visitor who has already seen the new site is shown the old one again."
	case prove.Poison:
		text := "From here on the cache holds a file under an address that stands for another one, and will hand it to whoever asks"
		if v.Sticky {
			return text + ", also after the deploy."
		}
		return text + "; by the end of the deploy that is over."
	case prove.Mixed:
		return "The page is put together from files that were never one release; layouts break and scripts fail in ways nobody can reproduce." + tail(v.Sticky, s)
	case prove.Missing:
		return fmt.Sprintf("At %s %s’s page was left without %s%s", s.at, s.who, what, ending(v, s, "will be"))
	case prove.Torn:
		return fmt.Sprintf("The page gets half of %s, as it was being written.%s", what, tail(v.Sticky, s))
	}
	return fmt.Sprintf("At %s %s’s page of %s got %s of %s%s", s.at, s.who, releases(want), what, releases(got), ending(v, s, "will"))
}

// ending says who else is hit, and for how long, where that is known; will is the
// verb for them.
func ending(v prove.Verdict, s story, will string) string {
	switch {
	case !v.Sticky || s.left == 0:
		return "." + tail(v.Sticky, s)
	case s.from == "browser":
		return fmt.Sprintf(", and %s for %s: no invalidation reaches a browser.", will, span(s.left))
	case s.cache != "":
		return fmt.Sprintf(", and everyone whom %s answers %s for %s, unless it is invalidated; reloading does not help.", s.cache, will, span(s.left))
	}
	return "." + tail(v.Sticky, s)
}

// tail says how long it lasts, which depends on where the wrong answer came from.
func tail(sticky bool, s story) string {
	from := s.from
	switch {
	case !sticky:
		return " Only visits that overlap the deploy are hit; those that begin later are well."
	case s.crew != nil && s.crew.under:
		return " It stays so until the page is opened anew: a new service worker took over under it."
	case s.crew != nil:
		return " It stays so until this visitor’s service worker installs another release; no invalidation reaches it."
	case from == "browser":
		return " It stays so in this visitor’s browser until its copy expires; no invalidation reaches a browser."
	case from == "origin":
		return " It stays so after the deploy, for every new visitor, until the servers are put right."
	}
	return " It stays so after the deploy, for every visitor this cache answers, until its copy expires or is invalidated; reloading does not help."
}

// releases names builds: "release 2", "releases 1 and 2".
func releases(builds []int) string {
	switch len(builds) {
	case 0:
		return "no release"
	case 1:
		return fmt.Sprintf("release %d", builds[0])
	}
	var names []string
	for _, b := range builds {
		names = append(names, fmt.Sprint(b))
	}
	return "releases " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// thing names what a URL stands for, for people.
func thing(name, url string) string {
	switch name {
	case "css":
		return "the style sheet"
	case "img":
		return "the picture"
	case "js":
		return "the script"
	case "html":
		return "the page"
	}
	p, _, _ := strings.Cut(url, "?")
	base := path.Base(p)
	for _, text := range []string{base, name} { // a hash may have taken the ending's place
		if t := byEnding(text); t != "" {
			return t
		}
	}
	if strings.Contains(base, ".") || hashed(base) {
		return "the file"
	}
	return "the page"
}

// byEnding names what a file name's ending stands for: site.css, and
// site.css.1442b644 and css.1442b644, too; "" when it says nothing.
func byEnding(name string) string {
	parts := strings.Split(strings.ToLower(path.Base(name)), ".")
	if len(parts) == 1 {
		return ""
	}
	for _, part := range slices.Backward(parts) {
		switch part {
		case "css":
			return "the style sheet"
		case "js", "mjs":
			return "the script"
		case "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "ico":
			return "the picture"
		case "woff", "woff2", "ttf", "otf":
			return "the font"
		case "html", "htm":
			return "the page"
		}
	}
	return ""
}

// hashed reports whether a name without an ending ends in what looks like a hash:
// six letters and digits or more, of both kinds, as in main-5f3a9c.
func hashed(name string) bool {
	last := name[strings.LastIndexAny(name, "-_~")+1:]
	return len(last) >= 6 && strings.ContainsAny(last, "0123456789") && strings.ContainsAny(strings.ToLower(last), "abcdefghijklmnopqrstuvwxyz")
}

// keyURL is the part of a cache key that looks like a URL: keys begin with the
// distribution and may go on in further lines.
func keyURL(key string) string {
	first, _, _ := strings.Cut(key, "\n")
	if _, u, ok := strings.Cut(first, " "); ok {
		return u
	}
	return first
}

// rowStrategy is the strategy of a row, which may be that of a class of assets:
// "style sheet: name.hash".
func rowStrategy(row string) string {
	if _, s, ok := strings.Cut(row, ": "); ok {
		return s
	}
	return row
}

// pathVersioned says whether a strategy of the matrix binds each path to one byte
// string for ever: a release directory that exists, or a hash in the name.
func pathVersioned(strategy string) bool {
	return slices.ContainsFunc(prove.Strategies(), func(s prove.Strategy) bool {
		return s.Name == rowStrategy(strategy) && (s.Version == prove.InDir || s.Version == prove.InName) && !s.NestedBare && !s.SameID
	})
}

// beside says why a versioned path does not suffer the counterexample, and what the
// grid found for the same deploy.
func beside(g prove.Grid, e Example) string {
	if k := e.Verdict.Class; k == prove.StalePage || k == prove.Flip {
		return "They do not help here: it is the page itself that is old, and pages keep their address."
	}
	if pathVersioned(e.Cell.Strategy) {
		text := "These are some: they can never be the wrong file, only an absent one."
		if mode := provedMode(g, e.Row); mode != "" {
			text += fmt.Sprintf(" Deployed as “%s”, the same files are PROVED: they are there before anything asks for them.", mode)
		}
		return text
	}
	const why = "With the release or a hash in the path, the new page asks for an address that never stood for anything else. No cache can hold an old copy of it, and a server that does not have it says “not found” instead of sending another file."
	for i, s := range g.Strategies {
		if cells := row(g, i); pathVersioned(s) && e.Column < len(cells) {
			switch o := OutcomeOf(cells[e.Column]); o.Status {
			case prove.Proved:
				return why + fmt.Sprintf(" The same deploy with “%s” is PROVED.", s)
			case prove.Refuted:
				text := why + fmt.Sprintf(" The same deploy with “%s” never mixes releases; what is left is %s (%s).", s, o.Class, how(o.Sticky))
				if o.Class == prove.Stale || o.Class == prove.Ahead || o.Class == prove.Torn {
					text = fmt.Sprintf("Here “%s” does not help either: %s (%s).", s, o.Class, how(o.Sticky))
				} else if mode := provedMode(g, i); mode != "" {
					text += fmt.Sprintf(" Deployed as “%s” it is PROVED.", mode)
				}
				return text
			}
		}
	}
	return why
}

// provedMode returns the first mode in which the strategy of a row is proved.
func provedMode(g prove.Grid, i int) string {
	for _, c := range row(g, i) {
		if OutcomeOf(c).Status == prove.Proved {
			return c.Mode
		}
	}
	return ""
}

// failed says which assumption failed, in the prover's words.
func failed(v prove.Verdict) string {
	if v.Assumption == "" {
		return ""
	}
	for _, a := range v.Assumptions {
		if a.ID == v.Assumption {
			text := fmt.Sprintf("assumption %s, “%s”", a.ID, a.Claim)
			if a.By != "" {
				text += ": " + a.By
			}
			return text + "."
		}
	}
	return "assumption " + v.Assumption + "."
}
