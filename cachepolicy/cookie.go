package cachepolicy

import (
	"slices"
	"strings"
)

// joinCookies joins the picked pairs, sorted by name, by "; ". Names that begin
// with $ and fields that are no name=value pairs are dropped. [CK-06], [CK-07],
// [CK-08]
func joinCookies(lines []string, picks func(name string) bool) string {
	var pairs []string
	for _, line := range lines {
		for pair := range strings.SplitSeq(line, ";") {
			pair = strings.TrimSpace(pair)
			name, _, ok := strings.Cut(pair, "=")
			if ok && name != "" && name[0] != '$' && picks(name) {
				pairs = append(pairs, pair)
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b string) int { return strings.Compare(cookieName(a), cookieName(b)) })
	return strings.Join(pairs, "; ")
}

func cookieName(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return name
}
