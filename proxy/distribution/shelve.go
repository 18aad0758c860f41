package distribution

import "slices"

// shelve puts the policies that root gives on the shelf, and reports whether that
// is all there is in it.
func (r *reader) shelve(root *node, shelf *shelf) bool {
	if formatOf(root) != ours {
		return false
	}
	r.policies(&object{r: r, n: root}, shelf)
	return len(root.fields) > 0 && !slices.ContainsFunc(root.fields, func(f field) bool { return !slices.Contains(policyKeys, f.key) })
}

func (r *reader) amazon(root *node, shelf *shelf) *Distribution { return nil }
