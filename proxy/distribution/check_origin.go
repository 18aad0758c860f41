package distribution

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Quotas per origin. [LIM-12]
const (
	maxOriginHeaders     = 30
	maxOriginHeaderName  = 256
	maxOriginHeaderValue = 1783
	maxOriginHeaderBytes = 10240
)

func (c *checker) origins() {
	if len(c.d.Origins) == 0 {
		c.refuse("origins", "InvalidArgument", "origins: {web: http://localhost:3000}", "there is no origin") // [API-282]
	}
	if len(c.d.Origins) > maxOrigins { // [LIM-14]
		c.refuse("origins", "TooManyOrigins", "", "%d origins are more than %d", len(c.d.Origins), maxOrigins)
	}
	seen := map[string]bool{}
	for i := range c.d.Origins {
		o := &c.d.Origins[i]
		if o.ID == "" || seen[o.ID] {
			c.refuse(join("origins", o.ID), "InvalidArgument", "", "the id %q is empty or given twice", o.ID)
		}
		seen[o.ID] = true
		c.origin(join("origins", o.ID), o)
	}
}

func (c *checker) origin(at string, o *Origin) {
	wrong := false
	if o.URL != "" {
		if err := (&Origin{}).setURL(o.URL); err != nil {
			c.refuse(at+".url", "", "scheme, host and port, like http://localhost:3000", "%q: %v", o.URL, err)
			wrong = true
		}
	}
	if !hostName(o.Domain) && !(wrong && o.Domain == "") { // [API-284]; addresses are allowed here
		c.refuse(at+".domain", "InvalidArgument", "a host name without scheme, port and path", "%q is not a domain name", o.Domain)
	}
	if p := o.Path; p != "" && (p[0] != '/' || p[len(p)-1] == '/' || len(p) > 255 || !visible(p)) { // [ORG-01]
		c.refuse(at+".path", "InvalidArgument", "begin it with a slash and end it without", "%q is not an origin path", p)
	}
	for _, p := range []struct {
		name string
		port int
	}{{"httpPort", o.HTTPPort}, {"httpsPort", o.HTTPSPort}} {
		if p.port != 80 && p.port != 443 && (p.port < 1024 || p.port > 65535) { // [ORG-06]
			c.refuse(at+"."+p.name, "InvalidArgument", "80, 443, or 1024 to 65535; url reaches any port", "port %d is not allowed", p.port)
		}
	}
	if o.ConnectionAttempts < 1 || o.ConnectionAttempts > 3 { // [LIM-15]
		c.refuse(at+".connectionAttempts", "InvalidArgument", "1 to 3", "%d connection attempts", o.ConnectionAttempts)
	}
	c.between(at+".connectionTimeout", "InvalidArgument", o.ConnectionTimeout, 10*time.Second)
	c.between(at+".readTimeout", "InvalidOriginReadTimeout", o.ReadTimeout, 120*time.Second)
	c.between(at+".keepAlive", "InvalidOriginKeepaliveTimeout", o.KeepAlive, 120*time.Second)
	c.originHeaders(at+".headers", o.Headers)
}

// between checks a time of 1 second to most. [LIM-15]
func (c *checker) between(at, code string, d, most time.Duration) {
	if d < time.Second || d > most {
		c.refuse(at, code, "1s to "+FormatDuration(most), "%v is out of range", d)
	}
}

func (c *checker) originHeaders(at string, headers []Header) {
	if len(headers) > maxOriginHeaders { // [LIM-12]
		c.refuse(at, "TooManyOriginCustomHeaders", "", "%d headers are more than %d", len(headers), maxOriginHeaders)
	}
	total := 0
	for i, h := range headers {
		on := join(at, h.Name)
		total += len(h.Name) + len(h.Value)
		switch {
		case !token(h.Name) || !fieldValue(h.Value):
			c.refuse(on, "InvalidArgument", "", "not a header")
		case len(h.Name) > maxOriginHeaderName || len(h.Value) > maxOriginHeaderValue:
			c.refuse(on, "InvalidArgument", "", "a name longer than %d or a value longer than %d characters", maxOriginHeaderName, maxOriginHeaderValue)
		case !originHeaderAllowed(h.Name): // [HDR-30]
			c.refuse(on, "InvalidArgument", "", "%s cannot be set for an origin", h.Name)
		case slices.ContainsFunc(headers[:i], func(o Header) bool { return strings.EqualFold(o.Name, h.Name) }):
			c.refuse(on, "InvalidArgument", "", "given twice")
		}
	}
	if total > maxOriginHeaderBytes {
		c.refuse(at, "InvalidArgument", "", "names and values are longer than %d characters together", maxOriginHeaderBytes)
	}
}

func (c *checker) originGroups() {
	if len(c.d.OriginGroups) > maxOriginGroups { // [LIM-14]
		c.refuse("originGroups", "TooManyOriginGroupsPerDistribution", "", "%d origin groups are more than %d", len(c.d.OriginGroups), maxOriginGroups)
	}
	seen := map[string]bool{}
	for _, g := range c.d.OriginGroups {
		at := join("originGroups", g.ID)
		if g.ID == "" || seen[g.ID] || c.hasOrigin(g.ID) {
			c.refuse(at, "InvalidArgument", "", "the id %q is empty, given twice, or an origin's", g.ID)
		}
		seen[g.ID] = true
		for _, m := range []struct{ name, id string }{{"primary", g.Primary}, {"secondary", g.Secondary}} {
			if !c.hasOrigin(m.id) { // [API-281]
				c.refuse(at+"."+m.name, "NoSuchOrigin", "", "no origin %q", m.id)
			}
		}
		if g.Primary == g.Secondary && g.Primary != "" {
			c.refuse(at+".secondary", "InvalidArgument", "", "the secondary is the primary")
		}
		if len(g.Statuses) == 0 {
			c.refuse(at+".statuses", "InvalidArgument", "statuses: [500, 502, 503, 504]", "no status to fail over at")
		}
		for i, s := range g.Statuses {
			if !slices.Contains(failoverCodes, s) { // [FAIL-02]
				c.refuse(index(at+".statuses", i), "InvalidArgument", "400, 403, 404, 416, 429, 500, 502, 503 or 504", "no failover at %d", s)
			}
		}
	}
}

// failoverCodes are the statuses at which a group can fail over. [FAIL-02]
var failoverCodes = []int{400, 403, 404, 416, 429, 500, 502, 503, 504}

func (c *checker) hasOrigin(id string) bool {
	return slices.ContainsFunc(c.d.Origins, func(o Origin) bool { return o.ID == id })
}

func (c *checker) hasGroup(id string) bool {
	return slices.ContainsFunc(c.d.OriginGroups, func(g OriginGroup) bool { return g.ID == id })
}

// setURL makes o be reached at raw; the path of raw becomes the origin path.
func (o *Origin) setURL(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.Unwrap(err)
	case u.Scheme != "http" && u.Scheme != "https":
		return errors.New("not http:// or https://")
	case !hostName(u.Hostname()):
		return errors.New("no host")
	case !portNumber(u.Port()):
		return fmt.Errorf("port %s is not 1 to 65535", u.Port())
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return errors.New("more than scheme, host, port and path")
	}
	o.URL, o.Domain = u.Scheme+"://"+u.Host, u.Hostname()
	o.Path = strings.TrimSuffix(u.EscapedPath(), "/")
	return nil
}

// portNumber reports whether s is the port of a URL; it may have none.
func portNumber(s string) bool {
	n, err := strconv.Atoi(s)
	return s == "" || err == nil && n >= 1 && n <= 65535
}

func visible(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 127 })
}

func fieldValue(s string) bool {
	return strings.TrimSpace(s) == s && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 127 })
}
