package scenarios

import "staleproof/scenarios/prove"

// cdn reads the caches of a deploy file and the habits of its servers. Without a
// word: the full URL is the key, assets are kept for a year, pages not at all, a
// 404 for ten seconds, and fills that an invalidation overtakes are dropped. taken:
// some visitor takes encodings.
func (v *value) cdn(taken bool) prove.CDN {
	c := prove.K(1)
	c.Name = "its own"
	pages, assets := &c.Behaviors[0], &c.Behaviors[1]
	assets.Terms.Emulation.KeepLateFills = false
	if v == nil {
		(&object{value: &value{}}).variants(&c, taken)
		return c
	}
	o := v.object()
	o.variants(&c, taken)
	if q := o.take("query"); q != nil && q.word("all", "none") == "none" {
		assets.Terms.Policy.QueryStrings = prove.K(3).Behaviors[1].Terms.Policy.QueryStrings
	}
	if f := o.take("lateFills"); f != nil {
		assets.Terms.Emulation.KeepLateFills = f.word("keep", "drop") == "keep"
	}
	if p := o.take("pages"); p != nil {
		c.Origin.PageControl = p.word()
		if c.Origin.PageControl != "no-store" {
			pages.Terms = assets.Terms
		}
	}
	if m := o.take("pagesMinTTL"); m != nil {
		pages.Terms.Policy.MinTTL = m.duration()
	}
	if a := o.take("assets"); a != nil {
		c.Origin.AssetControl = a.word()
	}
	c.Origin.MissingControl = o.take("missing").word()
	c.Origin.Fallback = o.take("fallback").flag()
	c.Origin.FallbackControl = o.take("fallbackControl").word()
	c.Origin.Verify = o.take("verify").flag()
	if w := o.take("validator"); w != nil {
		switch w.word("bytes", "size+time", "none") {
		case "size+time":
			c.Origin.Validator = prove.ByPath
		case "none":
			c.Origin.Validator = prove.NoTag
		}
	}
	c.Regional = o.take("regional").flag()
	if n := o.take("locations"); n != nil {
		c.Locations = n.number(1, 3)
	}
	o.close()
	return c
}
