package scenarios

import (
	"slices"
	"strings"

	"staleproof/scenarios/prove"
)

// EncodingWords are what a visitor may be said to take.
var EncodingWords = []string{"br+gzip", "gzip", "br", "none"}

// Encodings is what a visitor takes who is said to take a word of [EncodingWords], in
// either case; ok is false for any other.
func Encodings(word string) (e prove.Encodings, ok bool) {
	word = strings.ToLower(strings.TrimSpace(word))
	if !slices.Contains(EncodingWords, word) {
		return "", false
	}
	return prove.Encodings(strings.ReplaceAll(strings.TrimSuffix(word, "none"), "+", ",")), true
}

// encodings reads what visitors take, in turn, and of what the assets have compressed
// copies.
func (d *Deploy) encodings(takes, copies *value) {
	for _, word := range takes.words() {
		e, ok := Encodings(word)
		if !ok {
			takes.refuse("%q is nothing that a visitor takes, only %s", word, strings.Join(EncodingWords, ", "))
		}
		d.Prove.Takes = append(d.Prove.Takes, e)
	}
	switch n := max(len(d.Prove.Visitors), d.Bounds.Visitors); {
	case takes == nil:
	case d.Prove.Takes == nil:
		takes.refuse("is empty: say what visitors take, or leave it out")
	case len(d.Prove.Takes) > 4:
		takes.refuse("says what %d visitors take, want 1 to 4", len(d.Prove.Takes))
	case n > 0 && len(d.Prove.Takes) > n:
		takes.refuse("says what %d visitors take, and there are %d", len(d.Prove.Takes), n)
	}
	for _, coding := range copies.words() {
		if coding != "br" && coding != "gzip" {
			copies.refuse("%q is no coding of copies, only br, gzip", coding)
		}
		d.Prove.Site.Copies = append(d.Prove.Site.Copies, coding)
	}
	if copies != nil && takes == nil {
		copies.refuse("are given to who takes them: say what visitors take, with encodings")
	}
}

// variants reads what caches and servers make of encodings. Without a word the key of
// whatever is cached has both, as CachingOptimized does [MCP-01], if anybody takes any.
func (o *object) variants(c *prove.CDN, taken bool) {
	inKey := []string{"br", "gzip"}
	keys := map[string]*value{}
	for _, name := range []string{"encodings", "compress", "encodes", "vary"} {
		if keys[name] = o.take(name); keys[name] != nil && !taken {
			keys[name].refuse("says nothing as long as nobody takes encodings: give them, beside cdn")
		}
	}
	if v := keys["encodings"]; v != nil {
		if inKey = v.words(); len(inKey) == 1 && inKey[0] == "none" {
			inKey = nil
		}
		for _, coding := range inKey {
			if coding != "br" && coding != "gzip" {
				v.refuse("%q is no coding of a key, only br, gzip, or none alone", coding)
			}
		}
	}
	assets := &c.Behaviors[1]
	if taken {
		assets.Terms.Policy.Brotli, assets.Terms.Policy.Gzip = slices.Contains(inKey, "br"), slices.Contains(inKey, "gzip")
	}
	assets.Compress = keys["compress"].flag()
	c.Origin.Encodes = keys["encodes"].flag()
	c.Origin.NoVary = keys["vary"] != nil && !keys["vary"].flag()
}
