package distribution

import (
	"net/http"
	"strconv"
)

// amazonResponseHeaders is [CFG-107] to [CFG-110].
func (r *reader) amazonResponseHeaders(n *node) (p ResponseHeadersPolicy) {
	o := r.object(n)
	o.text("Name", &p.Name)
	o.take("Comment")
	for _, item := range r.itemsOf(o, "RemoveHeadersConfig") {
		in, name := r.object(item), ""
		in.text("Header", &name)
		in.leave(nil)
		p.Remove = append(p.Remove, http.CanonicalHeaderKey(name))
	}
	if v := o.take("CorsConfig"); v != nil {
		p.CORS = r.amazonCORS(v)
	}
	if v := o.take("SecurityHeadersConfig"); v != nil {
		p.Set = r.securityHeaders(v)
	}
	for _, item := range r.itemsOf(o, "CustomHeadersConfig") {
		in, h := r.object(item), ResponseHeader{}
		in.text("Header", &h.Name)
		in.text("Value", &h.Value)
		in.flag("Override", &h.Override)
		in.leave(nil)
		h.Name = http.CanonicalHeaderKey(h.Name)
		p.Set = append(p.Set, h)
	}
	o.leave(map[string]string{"ServerTimingHeadersConfig": "there is no Server-Timing header"})
	return p
}

func (r *reader) amazonCORS(n *node) *CORS {
	c := &CORS{}
	o := r.object(n)
	c.AllowOrigins = r.itemNames(o, "AccessControlAllowOrigins")
	c.AllowHeaders = r.itemNames(o, "AccessControlAllowHeaders")
	c.AllowMethods = everyMethod(r.itemNames(o, "AccessControlAllowMethods"))
	c.ExposeHeaders = r.itemNames(o, "AccessControlExposeHeaders")
	o.flag("AccessControlAllowCredentials", &c.Credentials)
	o.duration("AccessControlMaxAgeSec", &c.MaxAge)
	o.flag("OriginOverride", &c.Override)
	o.leave(nil)
	return c
}

// everyMethod writes ALL out. [RHP-05]
func everyMethod(names []string) []string {
	if len(names) == 1 && names[0] == "ALL" {
		return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	}
	return names
}

// securityHeaders reads the six sections, each with its own way to make a value.
// [RHP-18] to [RHP-21]
func (r *reader) securityHeaders(n *node) (set []ResponseHeader) {
	o := r.object(n)
	for _, s := range []struct {
		section, header string
		value           func(*object) string
	}{
		{"ContentSecurityPolicy", "Content-Security-Policy", valueOf("ContentSecurityPolicy")},
		{"ReferrerPolicy", "Referrer-Policy", valueOf("ReferrerPolicy")},
		{"StrictTransportSecurity", "Strict-Transport-Security", transportSecurity},
		{"ContentTypeOptions", "X-Content-Type-Options", func(*object) string { return "nosniff" }},
		{"FrameOptions", "X-Frame-Options", valueOf("FrameOption")},
		{"XSSProtection", "X-Xss-Protection", r.xssProtection},
	} {
		v := o.take(s.section)
		if v == nil {
			continue
		}
		in := r.object(v)
		h := ResponseHeader{Name: s.header, Value: s.value(in)}
		in.flag("Override", &h.Override)
		in.leave(nil)
		set = append(set, h)
	}
	o.leave(nil)
	return set
}

func valueOf(key string) func(*object) string {
	return func(o *object) (value string) {
		o.text(key, &value)
		return value
	}
}

// transportSecurity is [RHP-19].
func transportSecurity(o *object) string {
	age, subdomains, preload := 0, false, false
	o.count("AccessControlMaxAgeSec", &age)
	o.flag("IncludeSubdomains", &subdomains)
	o.flag("Preload", &preload)
	value := "max-age=" + strconv.Itoa(age)
	if subdomains {
		value += "; includeSubDomains"
	}
	if preload {
		value += "; preload"
	}
	return value
}

// xssProtection is [RHP-21].
func (r *reader) xssProtection(o *object) string {
	protection, block, report := false, false, ""
	o.flag("Protection", &protection)
	o.flag("ModeBlock", &block)
	o.text("ReportUri", &report)
	switch {
	case !protection:
		return "0"
	case block && report != "":
		r.refuse(o.n, "InvalidArgument", "", "ModeBlock and ReportUri exclude each other")
	case block:
		return "1; mode=block"
	case report != "":
		return "1; report=" + report
	}
	return "1"
}
