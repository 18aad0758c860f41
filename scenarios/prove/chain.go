package prove

import (
	"regexp"
	"slices"
	"strconv"
)

// buildNumber is a build in the name of a step: "css of 2", and not "s2".
var buildNumber = regexp.MustCompile(`\b[12]\b`)

// Chain is a mode that brings build 2 where build 1 is, done again for each of the
// following builds up to n: 1 to 2, then 2 to 3, as one sequence. A deploy begins
// when all steps of the one before are done. What the mode does from the first step
// on that puts build 1 back is done once, at the end: from build n back to build
// "to", 1 for the same files again, n+1 for a build that has its bytes under new
// names. More steps than a deploy may have are for [Prove] to refuse.
func (mode Mode) Chain(n, to int) Mode {
	tail := slices.IndexFunc(mode.Steps, func(s Step) bool { return s.Do == Put && s.Build == 1 })
	if tail < 0 {
		tail = len(mode.Steps)
	}
	out := Mode{Name: mode.Name}
	for b := 1; b < n; b++ {
		out.follow(mode.Steps[:tail], 0, b, b+1)
	}
	if tail < len(mode.Steps) {
		out.follow(mode.Steps[tail:], tail, to, n)
	}
	return out
}

// GoesBack reports whether a mode puts build 1 again.
func (mode Mode) GoesBack() bool {
	return slices.ContainsFunc(mode.Steps, func(s Step) bool { return s.Do == Put && s.Build == 1 })
}

// follow appends steps, the first of which had the index first, with other builds in
// the places of 1 and 2. They come after all that is there.
func (mode *Mode) follow(steps []Step, first, one, two int) {
	there := len(mode.Steps)
	all := make([]int, there)
	for i := range all {
		all[i] = i
	}
	build := map[int]int{1: one, 2: two}
	for i, s := range steps {
		s.Name = buildNumber.ReplaceAllStringFunc(s.Name, func(n string) string {
			return strconv.Itoa(build[int(n[0]-'0')])
		})
		if s.Build != 0 {
			s.Build = build[s.Build]
		}
		after := slices.Clone(all)
		switch {
		case s.After == nil && i > 0:
			after = append(after, there+i-1)
		case s.After == nil && there == 0:
			after = nil
		}
		for _, a := range s.After {
			if a >= first {
				after = append(after, there+a-first)
			}
		}
		s.After = after
		mode.Steps = append(mode.Steps, s)
	}
}
