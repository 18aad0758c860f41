package site

// classify gives each reference to a file of the build its class.
func (b *Build) classify(refs []Reference) {
	names := make(map[string]naming, len(refs))
	nameOf := func(url, path string) naming {
		n, ok := names[url]
		if !ok {
			n = b.name(url, b.byPath[path])
			names[url] = n
		}
		return n
	}
	votes := map[string]int{}              // by token
	tokens := map[string]map[string]bool{} // by name: under which versions it is asked for
	for _, r := range refs {
		if r.Target == "" {
			continue
		}
		n := nameOf(r.URL, r.Target)
		votes[n.token]++
		if tokens[n.name] == nil {
			tokens[n.name] = map[string]bool{}
		}
		tokens[n.name][n.token] = true
	}
	for i := range refs {
		r := &refs[i]
		if r.Target == "" {
			continue
		}
		n := nameOf(r.URL, r.Target)
		switch {
		case n.strategy == Plain:
			if from := nameOf(r.FromURL, r.From); from.strategy == Directory || from.strategy == DirectoryRewritten {
				r.Class = Escaping
			}
		case n.strategy != HashedName && outvoted(n.token, tokens[n.name], votes):
			r.Class = VersionedOther
		default:
			r.Class = VersionedSame
		}
	}
}

// outvoted says whether the same asset is also asked for under a version that more
// references of the build have.
func outvoted(token string, others map[string]bool, votes map[string]int) bool {
	for other := range others {
		if other != "" && other != token && (votes[other] > votes[token] || votes[other] == votes[token] && other > token) {
			return true
		}
	}
	return false
}
