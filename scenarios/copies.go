package scenarios

import (
	"fmt"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// RowsWithCopies is [Rows] for servers that give compressed copies, site.css.br beside
// site.css, to whoever takes them. An asset of which some copy is of other bytes than
// the file is of a kind of its own.
func RowsWithCopies(before, after *site.Build, control Control) ([]Row, error) {
	k := newKinds(control, before, after)
	if err := k.readCopies(); err != nil {
		return nil, err
	}
	return k.compared()
}

// ChainWithCopies is [Chain] for such servers.
func ChainWithCopies(builds []*site.Build, control Control) ([]Row, error) {
	k := newKinds(control, builds...)
	if err := k.readCopies(); err != nil {
		return nil, err
	}
	return k.chained()
}

// readCopies finds the compressed copies of all builds.
func (k *kinds) readCopies() error {
	for _, b := range k.builds {
		copies, err := b.Copies()
		if err != nil {
			return err
		}
		of := map[*site.File][]site.Copy{}
		for _, c := range copies {
			of[c.Of] = append(of[c.Of], c)
		}
		k.copies = append(k.copies, of)
	}
	return nil
}

// copiesOf are the compressed copies of a file of build i. What is in one is what a
// build has under the file's path, if one has that.
func (k *kinds) copiesOf(i int, s step, f prove.File) (out []prove.File) {
	if k.copies == nil {
		return nil
	}
	for _, c := range k.copies[i][s.file] {
		g := f
		g.Path, g.Coding, g.CopyOf = prove.CopyPath(f.Path, c.Coding), c.Coding, f.Path
		if c.Stale() {
			g.Body, g.Refs = k.held(i, &c, f.Page), nil
		}
		out = append(out, g)
	}
	return out
}

// held is the identity of the bytes in a copy that is not its file.
func (k *kinds) held(i int, c *site.Copy, page bool) string {
	if c.Err != nil {
		return "damaged " + c.File.Hash.Short()
	}
	if !page {
		return c.Hash.Short()
	}
	for j, b := range k.builds {
		if f, ok := b.File(c.Of.Path); ok && f.Hash == c.Hash {
			i = j
		}
	}
	return fmt.Sprintf("%s of build %d", c.Hash.Short(), i+1)
}

// brokenCopy reports whether some copy of a file of build i is not the file.
func (k *kinds) brokenCopy(i int, f *site.File) bool {
	if k.copies == nil {
		return false
	}
	for _, c := range k.copies[i][f] {
		if c.Stale() {
			return true
		}
	}
	return false
}
