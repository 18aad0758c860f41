package distribution

import (
	"reflect"
	"slices"
	"strconv"
)

// responseHeaders is the id of a response headers policy. [CFG-107] to [CFG-110]
func (w *amazonWriter) responseHeaders(p *ResponseHeadersPolicy, at string) string {
	m, managed := ManagedResponseHeadersPolicy(p.ID)
	if managed && reflect.DeepEqual(m, *p) {
		return p.ID
	}
	return w.policy("ResponseHeadersPolicy", own(p.ID, managed), p.Name, at, w.responseConfig(p, at))
}

func (w *amazonWriter) responseConfig(p *ResponseHeadersPolicy, at string) (s section) {
	var security section
	var custom, removed []section
	for _, h := range p.Set {
		if name, in := securitySection(h); name != "" {
			security = append(security, entry{name, append(in, entry{"Override", h.Override})})
			continue
		}
		if slices.Contains(securityHeaderNames, h.Name) {
			w.note(join(at+".set", h.Name), "not a value that AWS has for this header: written as a custom header, which AWS may refuse")
		}
		custom = append(custom, section{{"Header", h.Name}, {"Value", h.Value}, {"Override", h.Override}})
	}
	for _, name := range p.Remove {
		removed = append(removed, section{{"Header", name}})
	}
	if c := p.CORS; c != nil {
		s = append(s, entry{"CorsConfig", amazonCORS(c)})
	}
	s.sub("SecurityHeadersConfig", security)
	if len(custom) > 0 {
		s = append(s, entry{"CustomHeadersConfig", wrapped(custom)})
	}
	if len(removed) > 0 {
		s = append(s, entry{"RemoveHeadersConfig", wrapped(removed)})
	}
	return s
}

// amazonCORS is [CFG-107].
func amazonCORS(c *CORS) section {
	s := section{
		{"AccessControlAllowOrigins", wrapped(c.AllowOrigins)}, {"AccessControlAllowHeaders", wrapped(c.AllowHeaders)},
		{"AccessControlAllowMethods", wrapped(c.AllowMethods)}, {"AccessControlAllowCredentials", c.Credentials},
	}
	if len(c.ExposeHeaders) > 0 {
		s = append(s, entry{"AccessControlExposeHeaders", wrapped(c.ExposeHeaders)})
	}
	s.add("AccessControlMaxAgeSec", seconds(c.MaxAge), 0)
	return append(s, entry{"OriginOverride", c.Override})
}

// securitySection is the section of SecurityHeadersConfig that gives a header its
// value; "" if none does. [RHP-18] to [RHP-21]
func securitySection(h ResponseHeader) (string, section) {
	switch h.Name {
	case "Content-Security-Policy":
		if h.Value != "" {
			return "ContentSecurityPolicy", section{{"ContentSecurityPolicy", h.Value}}
		}
	case "Referrer-Policy":
		if slices.Contains(referrerPolicies, h.Value) {
			return "ReferrerPolicy", section{{"ReferrerPolicy", h.Value}}
		}
	case "X-Frame-Options":
		if h.Value == "DENY" || h.Value == "SAMEORIGIN" {
			return "FrameOptions", section{{"FrameOption", h.Value}}
		}
	case "X-Content-Type-Options":
		if h.Value == "nosniff" {
			return "ContentTypeOptions", section{}
		}
	case "Strict-Transport-Security":
		if m := transport().FindStringSubmatch(h.Value); m != nil {
			if age, err := strconv.ParseInt(m[1], 10, 32); err == nil && strconv.FormatInt(age, 10) == m[1] {
				return "StrictTransportSecurity", section{{"AccessControlMaxAgeSec", int(age)}, {"IncludeSubdomains", m[2] != ""}, {"Preload", m[3] != ""}}
			}
		}
	case "X-Xss-Protection":
		if m := protection().FindStringSubmatch(h.Value); m != nil {
			s := section{{"Protection", h.Value[0] == '1'}, {"ModeBlock", m[1] != ""}}
			s.add("ReportUri", m[2], "")
			return "XSSProtection", s
		}
	}
	return "", nil
}

var (
	transport  = pattern(`^max-age=([0-9]+)(; includeSubDomains)?(; preload)?$`)
	protection = pattern(`^(?:0|1(; mode=block)?|1; report=(.+))$`)
	// referrerPolicies are the eight standard values. [RHP-20]
	referrerPolicies = []string{
		"no-referrer", "no-referrer-when-downgrade", "origin", "origin-when-cross-origin",
		"same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url",
	}
)
