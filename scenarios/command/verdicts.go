package command

import (
	"fmt"
	"slices"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/report"
)

// failing is which verdicts make a proof fail.
type failing struct {
	classes []prove.Class
	sticky  bool // sticky ones of any class
	unknown bool
	any     bool // any that is not proved
}

// stickyAndUnknown fails for what stays wrong after a deploy, and for what is not
// known.
var stickyAndUnknown = failing{sticky: true, unknown: true}

// violationClasses are all classes of violations.
var violationClasses = []prove.Class{
	prove.Stale, prove.Ahead, prove.Missing, prove.Torn, prove.Mixed, prove.Poison, prove.StalePage, prove.Flip,
}

// readFailing reads the words of --fail-on; none stand for the default.
func readFailing(words []string) (failing, error) {
	if len(words) == 0 {
		return stickyAndUnknown, nil
	}
	var f failing
	for _, w := range words {
		switch w = strings.ToLower(strings.TrimSpace(w)); w {
		case "sticky":
			f.sticky = true
		case "unknown":
			f.unknown = true
		case "any":
			f.any = true
		case "none":
		default:
			class := prove.Class(strings.ToUpper(w))
			if !slices.Contains(violationClasses, class) {
				return f, usagef("one or more of "+strings.ToLower(joined(violationClasses))+", sticky, unknown, any, none", "--fail-on %s is no class of violations", w)
			}
			f.classes = append(f.classes, class)
		}
	}
	return f, nil
}

// counts reports whether a verdict makes the proof fail.
func (f failing) counts(v *prove.Verdict) bool {
	switch v.Status {
	case prove.Unknown:
		return f.unknown || f.any
	case prove.Refuted:
		return f.any || f.sticky && v.Sticky || slices.Contains(f.classes, v.Class)
	}
	return false
}

// among lists what of the grids counts, a line for each kind of violation in a cell.
func (f failing) among(grids []prove.Grid) (out []string) {
	for _, g := range grids {
		for _, row := range g.Cells {
			for _, c := range row {
				for i := range c.Verdicts {
					if v := &c.Verdicts[i]; f.counts(v) && v.Property != prove.Settling { // S5 repeats S1
						out = append(out, fmt.Sprintf("“%s” deployed as “%s”: %s %s", c.Strategy, c.Mode, v.Property, saying(v)))
					}
				}
			}
		}
	}
	return out
}

func saying(v *prove.Verdict) string {
	switch {
	case v.Status == prove.Unknown:
		return "is unknown"
	case v.Sticky && v.Class == prove.Poison: // counts, although no view may show it yet
		return "POISON, sticky: the key stays wrong for whoever asks next, after a rollback for example"
	case v.Sticky:
		return string(v.Class) + ", sticky"
	}
	return string(v.Class) + ", passing"
}

// byProperty says for every row which properties hold in all deploys asked for, and
// the worst of those that do not.
func byProperty(g prove.Grid) report.Section {
	s := report.Section{Title: "By property, over all deploys asked for"}
	if g.CDN != "" {
		s.Title += ": " + g.CDN
	}
	for i, row := range g.Cells {
		var parts []string
		for _, p := range prove.Properties() {
			parts = append(parts, fmt.Sprintf("%s %s", p, worst(row, p)))
		}
		s.Facts = append(s.Facts, report.Fact{Name: g.Strategies[i], Text: strings.Join(parts, ", ")})
	}
	return s
}

// worst is the worst verdict on a property in a row: sticky, passing, unknown, proved.
func worst(row []prove.Cell, p prove.Property) string {
	text, rank := "✓", 0
	for _, c := range row {
		for i := range c.Verdicts {
			v := &c.Verdicts[i]
			if v.Property != p {
				continue
			}
			switch {
			case v.Status == prove.Refuted && v.Sticky && rank < 3:
				text, rank = "✗ "+string(v.Class), 3
			case v.Status == prove.Refuted && rank < 2:
				text, rank = "~ "+string(v.Class), 2
			case v.Status == prove.Unknown && rank < 1:
				text, rank = "? UNKNOWN", 1
			}
		}
	}
	return text
}

// needs is what a deploy of a name needs to be what it says.
var needs = map[string]string{
	"atomic":                          "one switch for all servers at once: a link that is exchanged, a load balancer, one server",
	"atomic, invalidate":              "the same, and leave to create invalidations; it must come after the switch",
	"html first":                      "nothing; it is what an upload in the order of names does",
	"css, img, html":                  "an upload in two or more passes, pages last",
	"leaf first":                      "an upload in the order of references: what refers to nothing, then what refers to that, pages last",
	"upload, invalidate, prune":       "an upload in passes, leave to create invalidations, and a list of what the new build has",
	"rolling":                         "two servers or more, each with files of its own; nothing else",
	"rolling, invalidate":             "the same, and leave to create invalidations",
	"assets everywhere, roll":         "one place for assets that all servers share, or a pass over all servers before the first gives new pages",
	"atomic, rollback":                "one switch for all servers, and the old build kept",
	"rollback, invalidate":            "the same, and leave to create invalidations",
	"atomic, rollback, new id":        "one switch for all servers, and the old build made once more, under an id that no release had",
	"rollback, invalidate, new id":    "the same, and leave to create invalidations",
	"invalidate, atomic":              "leave to create invalidations; before the switch they do nothing that lasts",
	"in place, any order":             "nothing; it is what a copy over the live folder does",
	"in place, any order, invalidate": "the same, and leave to create invalidations",
	"assets server by server, roll":   "a pass over all servers with the assets before the first gives new pages",
	"sync --delete, upload":           "nothing; it is what a sync that deletes first does",
	"upload, wait a day, prune":       "old files kept for the day, and a list of what the new build has",
}

// whatModesNeed says what each deploy asked for needs.
func whatModesNeed(modes []string) report.Section {
	s := report.Section{Title: "What each deploy needs"}
	for _, m := range modes {
		if text := needs[m]; text != "" {
			s.Facts = append(s.Facts, report.Fact{Name: m, Text: text})
		}
	}
	return s
}
