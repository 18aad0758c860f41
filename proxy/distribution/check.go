package distribution

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Quotas per distribution. [PATH-20], [LIM-14]
const (
	maxBehaviors    = 75 // besides the default
	maxOrigins      = 100
	maxOriginGroups = 10
)

// Check reports what CloudFront would refuse in d, as an [Errors], with the names
// of settings in our dialect. What Read returns has been checked.
func (d *Distribution) Check() error { return joined(d.problems()) }

// problems are the mistakes in the values of d; how they are written has been
// checked before.
func (d *Distribution) problems() []*Error {
	c := &checker{d: d}
	c.distribution()
	c.aliases()
	c.origins()
	c.originGroups()
	c.behaviors()
	c.errorResponses()
	return c.found
}

// checker collects mistakes.
type checker struct {
	d     *Distribution
	found []*Error
}

func (c *checker) refuse(path, code, hint, format string, args ...any) {
	c.found = append(c.found, &Error{Path: path, Code: code, Hint: hint, What: fmt.Sprintf(format, args...)})
}

func (c *checker) distribution() {
	d := c.d
	if strings.ContainsFunc(d.ID, func(r rune) bool { return r > 127 || !isAlnum(byte(r)) }) {
		c.refuse("id", "", "letters and digits, like E1A2B3C4D5E6F7", "%q is not an id", d.ID)
	}
	if !hostName(d.Domain) || d.Domain != strings.ToLower(d.Domain) {
		c.refuse("domain", "", "lower case, like d111111abcdef8.cloudfront.net", "%q is not a domain name", d.Domain)
	}
	if utf8.RuneCountInString(d.Comment) > 128 { // [API-307]
		c.refuse("comment", "InvalidArgument", "", "longer than 128 characters")
	}
	if root := d.DefaultRootObject; root != "" {
		switch {
		case root[0] == '/': // [ROOT-09], [API-296]
			c.refuse("defaultRootObject", "InvalidDefaultRootObject", "leave the slash out", "%q begins with a slash", root)
		case len(root) > 255: // [ROOT-10]
			c.refuse("defaultRootObject", "InvalidDefaultRootObject", "", "longer than 255 characters")
		case !onlyOf(root, `_-.*$/~"'&`): // [ROOT-11]
			c.refuse("defaultRootObject", "InvalidDefaultRootObject", "letters, digits and _ - . * $ / ~ \" ' &", "%q has a character that is not allowed", root)
		}
	}
	if d.TagHeader != "" && !token(d.TagHeader) {
		c.refuse("tagHeader", "InvalidArgument", "", "%q is not a header name", d.TagHeader)
	}
}

func (c *checker) aliases() {
	for i, a := range c.d.Aliases {
		at := index("aliases", i)
		name := strings.TrimPrefix(a, "*.")
		switch {
		case a != strings.ToLower(a): // [HOST-08]
			c.refuse(at, "InvalidArgument", "write "+strings.ToLower(a), "%q is not in lower case", a)
		case strings.Contains(name, "*"): // [HOST-06]
			c.refuse(at, "InvalidArgument", "a wildcard is the whole first label, like *.example.com", "%q has a * in another place", a)
		case !hostName(name):
			c.refuse(at, "InvalidArgument", "a name like www.example.com, without scheme, port and path", "%q is not a domain name", a)
		case slices.Index(c.d.Aliases, a) < i: // [HOST-04]
			c.refuse(at, "CNAMEAlreadyExists", "", "%q is given twice", a)
		}
	}
}

func (c *checker) errorResponses() {
	seen := map[int]bool{}
	for i, e := range c.d.ErrorResponses {
		at := index("customErrorResponses", i)
		switch {
		case !slices.Contains(errorCodes, e.Code): // [ERR-14]
			c.refuse(at+".code", "InvalidErrorCode", "one of 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504", "no custom error response can be made for %d", e.Code)
		case seen[e.Code]:
			c.refuse(at+".code", "InvalidArgument", "", "%d is given twice", e.Code)
		}
		seen[e.Code] = true
		if (e.Page == "") != (e.Status == 0) { // [ERR-16]
			c.refuse(at, "InvalidArgument", "give both, or neither to set just the minimum TTL", "page and status go together")
		}
		if e.Page != "" && e.Page[0] != '/' { // [API-297]
			c.refuse(at+".page", "InvalidArgument", "", "%q does not begin with a slash", e.Page)
		}
		if e.Status != 0 && e.Status != 200 && !slices.Contains(errorCodes, e.Status) { // [ERR-15]
			c.refuse(at+".status", "InvalidResponseCode", "200, or one of the codes that a custom error response can be made for", "%d cannot be returned with an error page", e.Status)
		}
	}
}

// errorCodes can have a custom error response. [ERR-14]
var errorCodes = []int{400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504}

// onlyOf reports whether s holds only letters, digits and the characters of extra.
func onlyOf(s, extra string) bool {
	for i := range len(s) {
		if !isAlnum(s[i]) && strings.IndexByte(extra, s[i]) < 0 {
			return false
		}
	}
	return true
}

// token reports whether s can be a header name. (RFC 9110 §5.6.2)
func token(s string) bool { return s != "" && onlyOf(s, "!#$%&'*+-.^_`|~") }

// hostName reports whether s has the form of a domain name or an address.
func hostName(s string) bool {
	if s == "" || len(s) > 253 || !onlyOf(s, "-._:") {
		return false
	}
	if strings.Contains(s, ":") { // an IPv6 address, see origins
		return strings.Count(s, ":") > 1
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return true
}
