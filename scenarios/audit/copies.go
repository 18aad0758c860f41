package audit

import (
	"fmt"

	"staleproof/scenarios/site"
)

// copies finds compressed copies that give other bytes than the file beside which they
// lie: who takes their coding sees another file than who does not.
func (a *auditor) copies() []Finding {
	var out []Finding
	for i, b := range a.builds {
		copies, err := b.Copies()
		if err != nil {
			continue // it can no longer be read, which others say
		}
		for _, c := range copies {
			if !c.Stale() {
				continue
			}
			f := Finding{
				Class: BrokenVariant, Build: b.Name, URL: c.Of.URL, Where: c.File.Path,
				What:   fmt.Sprintf("broken variant: who takes %s is given %s, which is not the file: %s", c.Coding, c.File.Path, a.holds(i, &c)),
				Repair: "compress again after the last step that changes the file, and deploy both in one step",
			}
			if c.Err == nil && c.Of.SizeBytes <= maxDiffBytes {
				plain, _ := b.Bytes(c.Of)
				if text, err := b.Decompressed(&c); err == nil && len(text) <= maxDiffBytes {
					f.Diff = difference(plain, text)
				}
			}
			out = append(out, f)
		}
	}
	return out
}

// holds says what is in a compressed copy of build i.
func (a *auditor) holds(i int, c *site.Copy) string {
	if c.Err != nil {
		return c.Err.Error()
	}
	for j := i - 1; j >= 0; j-- {
		if f, ok := a.builds[j].File(c.Of.Path); ok && f.Hash == c.Hash {
			return fmt.Sprintf("it is the one of %s", a.builds[j].Name)
		}
	}
	return "its bytes are of none of the builds"
}
