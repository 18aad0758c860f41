package distribution

// amazonOrigins reads origins and origin groups. [CFG-68] to [CFG-77]
func (r *reader) amazonOrigins(o *object, d *Distribution) {
	for _, item := range r.itemsOf(o, "Origins") {
		d.Origins = append(d.Origins, r.amazonOrigin(item))
	}
	for _, item := range r.itemsOf(o, "OriginGroups") {
		d.OriginGroups = append(d.OriginGroups, r.amazonOriginGroup(item))
	}
}

func (r *reader) amazonOrigin(n *node) Origin {
	o := r.object(n)
	var id string
	o.text("Id", &id)
	or := newOrigin(id)
	o.text("DomainName", &or.Domain)
	o.text("OriginPath", &or.Path)
	for _, item := range r.itemsOf(o, "CustomHeaders") {
		in, h := r.object(item), Header{}
		in.text("HeaderName", &h.Name)
		in.text("HeaderValue", &h.Value)
		in.leave(nil)
		or.Headers = append(or.Headers, h)
	}
	o.count("ConnectionAttempts", &or.ConnectionAttempts)
	o.duration("ConnectionTimeout", &or.ConnectionTimeout)
	r.originKind(o, n, &or)
	o.leave(map[string]string{
		"OriginShield":              "there is no Origin Shield; put a second edge behind this one",
		"OriginAccessControlId":     "requests to the origin are not signed",
		"ResponseCompletionTimeout": "only the response timeout bounds a response",
	})
	r.renamed(n, join("origins", id),
		"domain DomainName", "path OriginPath", "headers CustomHeaders",
		"httpPort CustomOriginConfig.HTTPPort", "httpsPort CustomOriginConfig.HTTPSPort",
		"readTimeout CustomOriginConfig.OriginReadTimeout", "keepAlive CustomOriginConfig.OriginKeepaliveTimeout")
	return or
}

// originKind reads the one of three sections that an origin has. [API-283]
func (r *reader) originKind(o *object, n *node, or *Origin) {
	custom, s3, vpc := o.take("CustomOriginConfig"), o.take("S3OriginConfig"), o.take("VpcOriginConfig")
	kinds := 0
	for _, v := range []*node{custom, s3, vpc} {
		if v != nil {
			kinds++
		}
	}
	if kinds != 1 {
		r.refuse(n, "InvalidArgument", "", "an origin has one of S3OriginConfig, CustomOriginConfig and VpcOriginConfig, this one has %d", kinds)
	}
	if custom != nil {
		in := r.object(custom)
		in.count("HTTPPort", &or.HTTPPort)
		in.count("HTTPSPort", &or.HTTPSPort)
		if v := in.take("OriginProtocolPolicy"); v != nil {
			or.Protocol = oneOf(r, v, originProtocols)
		}
		in.duration("OriginReadTimeout", &or.ReadTimeout)
		in.duration("OriginKeepaliveTimeout", &or.KeepAlive)
		in.leave(map[string]string{
			"OriginSslProtocols": "TLS 1.2 and 1.3 are spoken to origins",
			"IpAddressType":      "an origin is reached at any address its name has",
			"OriginMtlsConfig":   "origins are not offered a certificate",
		})
	}
	if s3 != nil {
		or.S3 = true
		in := r.object(s3)
		in.duration("OriginReadTimeout", &or.ReadTimeout)
		in.leave(map[string]string{"OriginAccessIdentity": "requests to the origin are not signed"})
	}
	if vpc != nil {
		in := r.object(vpc)
		in.duration("OriginReadTimeout", &or.ReadTimeout)
		in.duration("OriginKeepaliveTimeout", &or.KeepAlive)
		in.leave(map[string]string{"VpcOriginId": "the origin is reached at its domain name", "OwnerAccountId": ""})
	}
}

// amazonOriginGroup has exactly two members. [API-301]
func (r *reader) amazonOriginGroup(n *node) OriginGroup {
	var g OriginGroup
	o := r.object(n)
	o.text("Id", &g.ID)
	if v := o.take("FailoverCriteria"); v != nil {
		in := r.object(v)
		for _, item := range r.itemsOf(in, "StatusCodes") {
			g.Statuses = append(g.Statuses, r.count(item))
		}
		in.leave(nil)
	}
	members := r.itemsOf(o, "Members")
	if len(members) != 2 {
		r.refuse(n, "InvalidArgument", "", "an origin group has two members, this one has %d", len(members))
	}
	for i, item := range members {
		in := r.object(item)
		in.text("OriginId", []*string{&g.Primary, &g.Secondary}[min(i, 1)])
		in.leave(nil)
	}
	o.leave(map[string]string{"SelectionCriteria": "the secondary is asked only when the primary fails"})
	r.renamed(n, join("originGroups", g.ID), "primary Members", "secondary Members", "statuses FailoverCriteria.StatusCodes")
	return g
}
