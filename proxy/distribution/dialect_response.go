package distribution

import "net/http"

// responseHeaders reads a response headers policy written in place.
func (r *reader) responseHeaders(n *node) (p ResponseHeadersPolicy) {
	o := r.object(n)
	o.text("id", &p.ID)
	o.text("name", &p.Name)
	o.names("remove", &p.Remove)
	p.Remove = canonical(p.Remove)
	if v := o.take("set"); v != nil {
		for _, f := range r.object(v).n.fields {
			h := ResponseHeader{Name: http.CanonicalHeaderKey(f.key)}
			if f.value.kind == objectKind {
				in := r.object(f.value)
				in.text("value", &h.Value)
				in.flag("override", &h.Override)
				in.close()
			} else if f.value.kind != nullKind {
				h.Value = r.text(f.value)
			}
			p.Set = append(p.Set, h)
		}
	}
	if v := o.take("cors"); v != nil {
		p.CORS = r.cors(v)
	}
	o.close()
	return p
}

func (r *reader) cors(n *node) *CORS {
	c := &CORS{}
	o := r.object(n)
	o.names("allowOrigins", &c.AllowOrigins)
	o.names("allowHeaders", &c.AllowHeaders)
	o.names("allowMethods", &c.AllowMethods)
	c.AllowMethods = everyMethod(c.AllowMethods)
	o.names("exposeHeaders", &c.ExposeHeaders)
	o.flag("credentials", &c.Credentials)
	o.duration("maxAge", &c.MaxAge)
	o.flag("override", &c.Override)
	o.close()
	return c
}
