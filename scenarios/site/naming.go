package site

import (
	"cmp"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"
	"sync"
)

// versionKeys are query parameters that tools use for versions; a query without "="
// (style.css?1234567890) counts too.
var versionKeys = map[string]bool{
	"v": true, "ver": true, "version": true, "vsn": true, "id": true, "hash": true, "h": true, "rev": true, "r": true,
	"t": true, "ts": true, "build": true, "b": true, "dpl": true, "cb": true, "_": true,
}

// pattern is a regular expression that is compiled when it is first asked for: most
// programs that hold this package never do.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// versionDirectory is a path segment that looks like a release: v2, version1475604434,
// 1.1, mysite-1.1, build-7, a commit, a date.
var versionDirectory = pattern(`(?i)^(v(er(sion)?)?[-_.]?\d[\w.-]*|\d+(\.\d+)+([-.+]\w+)*|[a-z]\w*-\d+(\.\d+)+|(build|release|rev|r)[-_]?\d+|\d{8,14})$`)

var (
	commit   = pattern(`^[0-9a-f]{7,40}$`)
	anyDigit = pattern(`[0-9]`)
	anyAlpha = pattern(`[A-Za-z]`)
	// shortHash is a base64url hash as Vite writes it, which may hold - and _.
	shortHash = pattern(`[-.]([A-Za-z0-9_-]{8})\.[a-z0-9]+$`)
	word      = pattern(`[A-Z][a-z]+`)
)

// name says how rawURL, which f answers, carries a version, from this build alone.
func (b *Build) name(rawURL string, f *File) naming {
	u, err := url.Parse(rawURL)
	if err != nil {
		return naming{strategy: Plain, name: rawURL, evidence: "no version in its URL"}
	}
	n := naming{strategy: Plain, evidence: "no version in its URL"}
	rest := nameByQuery(&n, u, f)
	dir, base := path.Split(u.EscapedPath())
	nameByDirectory(&n, b, u, f, &dir)
	if token := cmp.Or(hashToken(base, f), b.hashLikeNeighbours(f, base)); token != "" {
		n.strategy, n.token, n.evidence = HashedName, token, "a hash in its name: "+token
		if of := digestOf(token, f); of != "" {
			n.evidence = fmt.Sprintf("its name holds the %s of its bytes: %s", of, token)
		}
		base = strings.Replace(base, token, "*", 1)
	}
	n.name = dir + base + rest
	return n
}

// nameByQuery looks for a version in the query and returns what else the query holds.
func nameByQuery(n *naming, u *url.URL, f *File) (rest string) {
	if u.RawQuery == "" {
		return ""
	}
	var kept []string
	for _, pair := range strings.Split(u.RawQuery, "&") {
		key, value, parted := strings.Cut(pair, "=")
		if !parted {
			key, value = "", pair
		}
		of := digestOf(value, f)
		switch {
		case value == "", n.strategy != Plain, key != "" && !versionKeys[strings.ToLower(key)] && of == "":
			kept = append(kept, pair)
		case of != "":
			n.strategy, n.token, n.evidence = QueryHash, pair, fmt.Sprintf("its query holds the %s of its bytes: %s", of, pair)
		case looksHashed(value):
			n.strategy, n.token, n.evidence = QueryHash, pair, "a hash in its query: "+pair
		default:
			n.strategy, n.token, n.evidence = QueryRelease, pair, "a release in its query: "+pair
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + strings.Join(kept, "&")
}

// nameByDirectory looks for a release among the directories, and whether it is a real
// one, which holds the file, or one that the server removes.
func nameByDirectory(n *naming, b *Build, u *url.URL, f *File, dir *string) {
	segments := strings.Split(*dir, "/")
	for i, s := range segments {
		if s == "" || !versionDirectory().MatchString(s) && !(commit().MatchString(s) && anyDigit().MatchString(s) && anyAlpha().MatchString(s)) {
			continue
		}
		n.strategy, n.token, n.evidence = Directory, s, "in a directory of its release: "+s
		if u.Path != b.base()+f.Path {
			n.strategy, n.evidence = DirectoryRewritten, "below a directory that the server removes: "+s
		}
		segments[i] = "*"
		*dir = strings.Join(segments, "/")
		return
	}
}

// hashToken returns the part of a file name that is a hash of content; "": none.
func hashToken(base string, f *File) string {
	best := ""
	for _, part := range strings.FieldsFunc(base, func(r rune) bool { return strings.ContainsRune(".-_~", r) }) {
		if digestOf(part, f) != "" {
			return part
		}
		if looksHashed(part) {
			best = part
		}
	}
	if m := shortHash().FindStringSubmatch(base); best == "" && m != nil && strings.ContainsAny(m[1], "-_") && anyDigit().MatchString(m[1]) && m[1] != strings.ToLower(m[1]) {
		return m[1]
	}
	return best
}

// hashLikeNeighbours returns the last eight characters of a name that only its
// neighbours show to be a hash, as one in five of Vite's has no digit in it: a
// capital stands in it, and another file of the folder has a hash at the same place.
func (b *Build) hashLikeNeighbours(f *File, base string) string {
	m := shortHash().FindStringSubmatch(base)
	if f == nil || m == nil || strings.ToLower(m[1][1:]) == m[1][1:] {
		return ""
	}
	for _, other := range b.hashed[path.Dir(f.Path)] {
		if other != f {
			return m[1]
		}
	}
	return ""
}

// index notes per folder which files have a name that shows its eight-character hash
// by itself; two are enough to be another one than any file.
func (b *Build) index() {
	b.hashed = map[string][]*File{}
	for _, f := range b.Files {
		dir, base := path.Dir(f.Path), path.Base(f.Path)
		if m := shortHash().FindStringSubmatch(base); m != nil && len(b.hashed[dir]) < 2 && hashToken(base, f) == m[1] {
			b.hashed[dir] = append(b.hashed[dir], f)
		}
	}
}

// looksHashed says whether s is more likely a hash than a word, a date or a version:
// eight digits at least, either hexadecimal with letters and digits in it, or letters
// and digits that change places three times, a capitalised word counting as one.
func looksHashed(s string) bool {
	if len(s) < 8 || !anyDigit().MatchString(s) || !anyAlpha().MatchString(s) {
		return false
	}
	if _, err := hex.DecodeString(s + strings.Repeat("0", len(s)%2)); err == nil {
		return true
	}
	changes, last := 0, 0
	for _, r := range word().ReplaceAllString(s, "w") {
		kind := 0
		switch {
		case r >= '0' && r <= '9':
			kind = 1
		case r >= 'a' && r <= 'z':
			kind = 2
		case r >= 'A' && r <= 'Z':
			kind = 3
		default:
			return false
		}
		if last != 0 && kind != last {
			changes++
		}
		last = kind
	}
	return changes >= 3
}

// digestOf says of which digest of f's bytes token is the beginning; "": of none.
// Six digits at least, so that a release number is not taken for one.
func digestOf(token string, f *File) string {
	token = strings.ToLower(token)
	if len(token) < 6 || f == nil {
		return ""
	}
	if strings.HasPrefix(f.Hash.String(), token) {
		return "SHA-256"
	}
	if f.text == nil {
		return ""
	}
	if sum := md5.Sum(f.text); strings.HasPrefix(hex.EncodeToString(sum[:]), token) {
		return "MD5"
	}
	if sum := sha1.Sum(f.text); strings.HasPrefix(hex.EncodeToString(sum[:]), token) {
		return "SHA-1"
	}
	return ""
}
