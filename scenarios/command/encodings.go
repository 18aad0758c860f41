package command

import (
	"slices"
	"strings"

	"staleproof/scenarios"
	"staleproof/scenarios/prove"
)

// readEncodings reads what visitors take.
func (q *question) readEncodings(words []string) error {
	if len(words) > 4 {
		return usagef("--encodings br+gzip,gzip", "--encodings: what %d visitors take, the prover takes 1 to 4", len(words))
	}
	for _, word := range words {
		takes, ok := scenarios.Encodings(word)
		if !ok {
			return usagef("one of "+strings.Join(scenarios.EncodingWords, ", "), "--encodings %s is nothing that a visitor takes", word)
		}
		q.deploy.Takes = append(q.deploy.Takes, takes)
	}
	if n := len(q.deploy.Visitors); n > 0 && len(words) > n {
		return usagef("as many --visitors, or fewer --encodings", "--encodings: what %d visitors take, and --visitors names %d", len(words), n)
	}
	return nil
}

// encode gives the built-in CDN keys that have the encodings, as the managed policy
// CachingOptimized has them. [MCP-01]
func (q *question) encode() {
	if q.deploy.Takes == nil {
		return
	}
	q.cdn.Behaviors = slices.Clone(q.cdn.Behaviors)
	for i := range q.cdn.Behaviors {
		if p := &q.cdn.Behaviors[i].Terms.Policy; !p.Disabled() {
			p.Gzip, p.Brotli = true, true
		}
	}
}

// copies are the codings of which the built-in assets have compressed copies.
func (q *question) copies() []string {
	if q.deploy.Takes == nil {
		return nil
	}
	return []string{"br", "gzip"}
}

// allModes are the ways to deploy that there are, those for compressed copies when
// visitors take encodings.
func (q *question) allModes() []prove.Mode {
	every := append(prove.Modes(), prove.MoreModes()...)
	if q.deploy.Takes != nil {
		every = append(every, prove.CopyModes()...)
	}
	return every
}

func encodingsTold(e prove.Encodings) string {
	if e == "" {
		return "none"
	}
	return strings.ReplaceAll(string(e), ",", " and ")
}
