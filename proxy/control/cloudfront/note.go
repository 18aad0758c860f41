package cloudfront

import (
	"reflect"
	"strconv"
	"strings"

	"staleproof/proxy/distribution"
)

// say tells what a distribution asks for in vain: of what was sent, what is not as
// it was in the configuration before, nil for a new one. So nothing is said twice,
// and nothing about what was filled in here.
func (a *API) say(id string, sent, before tree, notes []distribution.Note) {
	if a.options.Note == nil {
		return
	}
	for _, n := range notes {
		path, ours := strings.CutPrefix(n.Path, "Distribution.DistributionConfig.")
		asked := find(sent, path)
		if !ours || asked == nil || reflect.DeepEqual(asked, find(before, path)) {
			continue
		}
		a.options.Note(id, distribution.Note{Path: path, Message: n.Message})
	}
}

// find is the value at a path like "Origins.Items[0].OriginShield"; nil if there is
// none.
func find(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		name, index, listed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		m, _ := v.(tree)
		if v = m[name]; !listed {
			continue
		}
		list, _ := v.([]any)
		i, err := strconv.Atoi(index)
		if err != nil || i >= len(list) {
			return nil
		}
		v = list[i]
	}
	return v
}
