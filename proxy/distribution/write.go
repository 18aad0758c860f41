package distribution

import (
	"reflect"
	"time"

	"staleproof/cachepolicy"
)

// YAML writes d in our dialect, without what is the default anyway. Read reads the
// same distribution back.
func (d *Distribution) YAML() []byte {
	var s section
	s.add("id", d.ID, "")
	s.add("domain", d.Domain, "")
	s.list("aliases", d.Aliases)
	s.add("enabled", d.Enabled, true)
	s.add("comment", d.Comment, "")
	s.add("defaultRootObject", d.DefaultRootObject, "")
	s.add("tagHeader", d.TagHeader, "")
	s.sub("emulation", writeEmulation(&d.Emulation))
	var origins, groups section
	for i := range d.Origins {
		origins.sub(d.Origins[i].ID, writeOrigin(&d.Origins[i]))
	}
	for _, g := range d.OriginGroups {
		groups.sub(g.ID, section{{"primary", g.Primary}, {"secondary", g.Secondary}, {"statuses", g.Statuses}})
	}
	s.sub("origins", origins)
	s.sub("originGroups", groups)
	var behaviors []section
	for i := range d.Behaviors {
		behaviors = append(behaviors, writeBehavior(&d.Behaviors[i]))
	}
	if last := len(behaviors) - 1; last >= 0 {
		s.sub("defaultCacheBehavior", behaviors[last][1:]) // without its pattern
		if last > 0 {
			s.add("cacheBehaviors", behaviors[:last], nil)
		}
	}
	var responses []section
	for _, e := range d.ErrorResponses {
		r := section{{"code", e.Code}}
		r.add("page", e.Page, "")
		r.add("status", e.Status, 0)
		r.duration("minTTL", e.MinTTL, defaultErrorTTL)
		responses = append(responses, r)
	}
	if len(responses) > 0 {
		s.add("customErrorResponses", responses, nil)
	}
	return s.render(nil, "")
}

func (s *section) add(key string, value, unless any) {
	if !reflect.DeepEqual(value, unless) {
		*s = append(*s, entry{key, value})
	}
}

func (s *section) duration(key string, d, unless time.Duration) {
	if d != unless {
		*s = append(*s, entry{key, FormatDuration(d)})
	}
}

func (s *section) list(key string, names []string) {
	if len(names) > 0 {
		*s = append(*s, entry{key, names})
	}
}

func (s *section) sub(key string, in section) {
	if len(in) > 0 {
		*s = append(*s, entry{key, in})
	}
}

func (s *section) selection(key string, sel cachepolicy.Selection) {
	switch sel.Mode {
	case cachepolicy.Only:
		s.list(key, sel.Names)
	case cachepolicy.AllBut:
		s.sub(key, section{{"allExcept", sel.Names}})
	case cachepolicy.All:
		s.add(key, "all", nil)
	}
}

func writeEmulation(e *cachepolicy.Emulation) (s section) {
	fields := reflect.ValueOf(e).Elem()
	for i := range fields.NumField() {
		s.add(switchName(fields.Type().Field(i).Name), fields.Field(i).Interface(), false)
	}
	return s
}

func writeOrigin(o *Origin) (s section) {
	usual := newOrigin(o.ID)
	s.add("url", o.URL, "")
	s.add("domain", o.Domain, "")
	s.add("path", o.Path, "")
	s.add("protocol", wordFor(o.Protocol, originProtocols), wordFor(usual.Protocol, originProtocols))
	s.add("httpPort", o.HTTPPort, usual.HTTPPort)
	s.add("httpsPort", o.HTTPSPort, usual.HTTPSPort)
	var headers section
	for _, h := range o.Headers {
		headers = append(headers, entry{h.Name, h.Value})
	}
	s.sub("headers", headers)
	s.add("connectionAttempts", o.ConnectionAttempts, usual.ConnectionAttempts)
	s.duration("connectionTimeout", o.ConnectionTimeout, usual.ConnectionTimeout)
	s.duration("readTimeout", o.ReadTimeout, usual.ReadTimeout)
	s.duration("keepAlive", o.KeepAlive, usual.KeepAlive)
	s.add("s3", o.S3, false)
	return s
}

// YAML writes distributions in our dialect, one document each.
func YAML(ds ...*Distribution) (b []byte) {
	for i, d := range ds {
		if i > 0 {
			b = append(b, "---\n"...)
		}
		b = append(b, d.YAML()...)
	}
	return b
}
