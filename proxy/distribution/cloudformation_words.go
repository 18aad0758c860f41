package distribution

import "slices"

// inAPIWords renames the settings of a distribution that CloudFormation calls
// otherwise than the API, and moves those that stand elsewhere. Each keeps the place
// where it is written. [CFG-06], [CFG-60] to [CFG-95]
func inAPIWords(config *node) {
	rename(config, "IPV6Enabled", "IsIPV6Enabled") // [CFG-64]
	rename(config, "CNAMEs", "Aliases")            // [CFG-61]
	for _, o := range listed(config.at("Origins")) {
		rename(o, "OriginCustomHeaders", "CustomHeaders") // [CFG-70]
		if c := o.at("CustomOriginConfig"); c != nil {
			rename(c, "OriginSSLProtocols", "OriginSslProtocols") // [CFG-72]
		}
	}
	for _, b := range append(listed(config.at("CacheBehaviors")), config.at("DefaultCacheBehavior")) {
		if b != nil {
			cachedWithin(b)
		}
	}
}

func listed(n *node) []*node {
	if n == nil {
		return nil
	}
	return slices.Clone(n.items)
}

// rename gives a setting another name, unless there is one of that name.
func rename(n *node, from, to string) {
	if n.at(to) != nil {
		return
	}
	for i := range n.fields {
		if n.fields[i].key == from {
			n.fields[i].key = to
		}
	}
}

// cachedWithin puts CachedMethods into AllowedMethods, where the API has them.
// [CFG-81]
func cachedWithin(b *node) {
	cached := b.at("CachedMethods")
	if cached == nil {
		return
	}
	allowed := b.at("AllowedMethods")
	if allowed == nil { // GET and HEAD [API-314]
		allowed = &node{kind: listKind, file: cached.file, line: cached.line, path: b.path + ".AllowedMethods", items: []*node{text(cached, "GET"), text(cached, "HEAD")}}
	}
	both := mapOf(allowed, field{"Items", allowed}, field{"CachedMethods", cached})
	b.fields = slices.DeleteFunc(b.fields, func(f field) bool { return f.key == "CachedMethods" || f.key == "AllowedMethods" })
	b.fields = append(b.fields, field{"AllowedMethods", both})
}
