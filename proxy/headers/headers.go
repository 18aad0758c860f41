// Package headers says which response headers a host sends with the files of a
// build: from a _headers file, as Netlify and Cloudflare Pages read it, or from rules
// written on a command line. It is pure: text is an argument.
package headers

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// FileName is where hosts look for rules: at the root of a build.
const FileName = "_headers"

// Unmatched is the Cache-Control that such hosts send with a file that no rule gives
// one to.
const Unmatched = "public, max-age=0, must-revalidate"

// MaxBytes is the largest file that is read: 256 KiB, far above what hosts take.
const MaxBytes = 256 << 10

// Rule is the headers of the paths that a pattern matches.
type Rule struct {
	// Pattern is a path in which * stands for any text and :name for a part between
	// slashes. Without a slash at the beginning it matches the end of paths from any
	// slash on, "*.html".
	Pattern string
	Set     []Field
	Remove  []string // names of headers that rules before it set
	Line    int      // in its file, 1-based; 0: from elsewhere
}

// Field is one header.
type Field struct{ Name, Value string }

// Rules are rules in order; all that match a path count.
type Rules []Rule

// Parse reads a _headers file called name. Errors name the line.
func Parse(name string, text []byte) (Rules, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("%s: has %d bytes, at most %d are read", name, len(text), MaxBytes)
	}
	var rules Rules
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // as editors on Windows begin a file
	for i, line := range strings.Split(string(text), "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") {
			continue
		}
		n := i + 1
		if !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "\t") {
			pattern, err := pathPattern(trimmed)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, n, err)
			}
			rules = append(rules, Rule{Pattern: pattern, Line: n})
			continue
		}
		if len(rules) == 0 {
			return nil, fmt.Errorf("%s:%d: the header %q stands before any path; write a line like /assets/* above it, without a blank at its beginning", name, n, trimmed)
		}
		r := &rules[len(rules)-1]
		if gone, ok := strings.CutPrefix(trimmed, "!"); ok {
			r.Remove = append(r.Remove, http.CanonicalHeaderKey(strings.TrimSpace(gone)))
			continue
		}
		f, err := field(trimmed)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		r.Set = append(r.Set, f)
	}
	return rules, nil
}

// pathPattern is what a line without a blank at its beginning names: a path, or a URL
// of which the path counts.
func pathPattern(line string) (string, error) {
	if strings.HasPrefix(line, "/") {
		return line, nil
	}
	if u, err := url.Parse(line); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		if u.Path == "" {
			return "/", nil
		}
		return u.Path, nil
	}
	return "", fmt.Errorf("%q is neither a path nor a header; paths begin with /, headers with a blank", line)
}

// ParseRule reads a rule as a flag has it: "*.html: Cache-Control: no-cache".
func ParseRule(text string) (Rule, error) {
	pattern, rest, ok := strings.Cut(text, ":")
	pattern = strings.TrimSpace(pattern)
	if !ok || pattern == "" {
		return Rule{}, fmt.Errorf("%q has no pattern before a colon; write it like %q", text, "*.html: Cache-Control: no-cache")
	}
	f, err := field(strings.TrimSpace(rest))
	if err != nil {
		return Rule{}, fmt.Errorf("%q: %w", text, err)
	}
	return Rule{Pattern: pattern, Set: []Field{f}}, nil
}

func field(text string) (Field, error) {
	name, value, ok := strings.Cut(text, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t\"(),/;<=>?@[]{}") {
		return Field{}, fmt.Errorf("%q is no header; write it like %q", text, "Cache-Control: no-cache")
	}
	return Field{http.CanonicalHeaderKey(name), strings.TrimSpace(value)}, nil
}

// Get is the value of a header for a file that is asked for by urlPath and lies at
// filePath in its build ("/index.html" behind "/"), and whether a rule sets it. What
// several rules set is joined with commas, as hosts do.
func (r Rules) Get(name, urlPath, filePath string) (value string, ok bool) {
	name = http.CanonicalHeaderKey(name)
	var values []string
	for _, rule := range r {
		if !rule.Matches(urlPath) && !rule.Matches(filePath) {
			continue
		}
		for _, gone := range rule.Remove {
			if gone == name {
				values = nil
			}
		}
		for _, f := range rule.Set {
			if f.Name == name {
				values = append(values, f.Value)
			}
		}
	}
	return strings.Join(values, ", "), len(values) > 0
}

// All are the headers that rules set for a file, each as Get has it.
func (r Rules) All(urlPath, filePath string) http.Header {
	all := http.Header{}
	for _, rule := range r {
		if !rule.Matches(urlPath) && !rule.Matches(filePath) {
			continue
		}
		for _, gone := range rule.Remove {
			delete(all, gone)
		}
		for _, f := range rule.Set {
			all[f.Name] = append(all[f.Name], f.Value)
		}
	}
	for name, values := range all {
		all[name] = []string{strings.Join(values, ", ")}
	}
	return all
}

// Last is Get where later rules count before earlier ones and nothing is joined.
func (r Rules) Last(name, urlPath, filePath string) (value string, ok bool) {
	for i := len(r) - 1; i >= 0 && !ok; i-- {
		value, ok = r[i:i+1].Get(name, urlPath, filePath)
	}
	return value, ok
}

// Matches reports whether the pattern is for a path.
func (r Rule) Matches(path string) bool {
	if match(r.Pattern, path) {
		return true
	}
	if strings.HasPrefix(r.Pattern, "/") {
		return false
	}
	for i := range len(path) {
		if path[i] == '/' && match(r.Pattern, path[i+1:]) {
			return true
		}
	}
	return false
}

// match matches greedily with one place to come back to, so that its time is at most
// the product of both lengths.
func match(pattern, text string) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last * and where the text after it was tried
	for t < len(text) {
		if p < len(pattern) && pattern[p] == '*' {
			star, from = p, t
			p++
			continue
		}
		if n, m := part(pattern[p:], text[t:]); n > 0 {
			p, t = p+n, t+m
			continue
		}
		if star < 0 {
			return false
		}
		from++
		p, t = star+1, from
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// part is how much of pattern and text match at their beginning: a byte, or a :name
// and what is before the next slash.
func part(pattern, text string) (n, m int) {
	switch {
	case pattern == "":
		return 0, 0
	case len(pattern) > 1 && pattern[0] == ':' && letter(pattern[1]):
		for n = 1; n < len(pattern) && (letter(pattern[n]) || pattern[n] >= '0' && pattern[n] <= '9'); n++ {
		}
		if m = strings.IndexByte(text, '/'); m < 0 {
			m = len(text)
		}
		if m == 0 {
			return 0, 0
		}
		return n, m
	case pattern[0] == text[0]:
		return 1, 1
	}
	return 0, 0
}

func letter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
