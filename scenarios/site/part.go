package site

import (
	"path"
	"strings"
)

// ViaPart is the [Reference.Via] of strings in scripts that are a part of a file's
// name with the hash in it, as in the code by which webpack makes the names of lazy
// chunks: "js/" + id + "." + {69: "be02e697"}[id] + ".js", or id + ".be02e697.js".
const ViaPart = "part of a name"

// hashes lists the scripts and style sheets of the build by the hash in their name.
func (b *Build) hashes() map[string][]*File {
	by := map[string][]*File{}
	for _, f := range b.Files {
		if f.MediaType != "text/javascript" && f.MediaType != "text/css" {
			continue
		}
		for _, hash := range hashesIn(path.Base(f.Path)) {
			by[hash] = append(by[hash], f)
		}
	}
	return by
}

// hashesIn returns the parts of a name that look like hashes.
func hashesIn(name string) (hashes []string) {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(".-_~", r) }) {
		if looksHashed(part) {
			hashes = append(hashes, part)
		}
	}
	return hashes
}

// complete adds to each string that is a part of names the files that have them. A
// file does not load itself.
func (b *Build) complete() {
	hashes := b.hashes()
	for from, list := range b.found {
		var whole []found
		for _, f := range list {
			if f.via != ViaPart {
				whole = append(whole, f)
			}
			if f.via != ViaPart && f.via != ViaString {
				continue
			}
			part := path.Base(f.raw)
			for _, hash := range hashesIn(part) {
				for _, file := range hashes[hash] {
					if name := path.Base(file.Path); name != part && strings.Contains(name, part) && file.Path != from {
						f.via, f.url = ViaPart, file.URL
						whole = append(whole, f)
					}
				}
			}
		}
		b.found[from] = whole
	}
}
