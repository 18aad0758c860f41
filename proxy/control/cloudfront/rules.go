package cloudfront

import (
	"slices"
	"strings"
)

// complete fills in what depends on other members. [API-314], [API-315], [API-318]
func complete(config tree) {
	for _, b := range behaviors(config) {
		methods := sub(b, "AllowedMethods")
		if methods == nil {
			methods = list("HEAD", "GET")
			b["AllowedMethods"] = methods
		}
		if sub(methods, "CachedMethods") == nil {
			methods["CachedMethods"] = list("HEAD", "GET")
		}
	}
	for _, o := range items(config, "Origins") {
		if custom := sub(o.(tree), "CustomOriginConfig"); custom != nil && sub(custom, "OriginSslProtocols") == nil {
			custom["OriginSslProtocols"] = list("TLSv1", "SSLv3")
		}
	}
	certificate := sub(config, "ViewerCertificate")
	source, id := "cloudfront", ""
	switch {
	case text(certificate, "ACMCertificateArn") != "":
		source, id = "acm", text(certificate, "ACMCertificateArn")
	case text(certificate, "IAMCertificateId") != "":
		source, id = "iam", text(certificate, "IAMCertificateId")
	}
	certificate["CertificateSource"] = source
	if id != "" {
		certificate["Certificate"] = id
		setUnless(certificate, "CloudFrontDefaultCertificate", false)
		return
	}
	setUnless(certificate, "CloudFrontDefaultCertificate", true)
	certificate["MinimumProtocolVersion"] = "TLSv1" // whatever was asked for [API-262]
}

func setUnless(t tree, name string, v any) {
	if _, given := t[name]; !given {
		t[name] = v
	}
}

// whole refuses an update that leaves out what creation fills in, in the order in
// which CloudFront complains. [API-264]
func whole(config tree) error {
	if sub(config, "Aliases") == nil {
		return told("IllegalUpdate", "Aliases are missing for the resource")
	}
	for _, o := range items(config, "Origins") {
		if sub(o.(tree), "CustomHeaders") == nil {
			return told("IllegalUpdate", "The 'OriginCustomHeaders' field is missing")
		}
	}
	for _, b := range behaviors(config) {
		if _, given := b["SmoothStreaming"]; !given {
			return refusal("InvalidArgument", "The parameter SmoothStreaming flag is missing")
		}
	}
	return nil
}

// allowed is what CloudFront demands of a distribution beyond what an edge has to
// know. Old is what it replaces, nil if it is new.
func (a *API) allowed(r, old *record) error {
	if err := certified(r, old); err != nil {
		return err
	}
	for _, o := range items(r.Config, "Origins") {
		if err := a.access(o.(tree)); err != nil {
			return err
		}
	}
	return nil
}

// certified is [API-36], [API-294], [API-295]. Whether the certificate covers the
// name is not looked at: there is none to look at.
func certified(r, old *record) error {
	certificate := sub(r.Config, "ViewerCertificate")
	acm, iam := text(certificate, "ACMCertificateArn"), text(certificate, "IAMCertificateId")
	own := flag(certificate, "CloudFrontDefaultCertificate")
	switch {
	case acm != "" && iam != "", own && (acm != "" || iam != ""):
		return refusal("InvalidViewerCertificate", "The specified viewer certificate is not valid: give one of CloudFrontDefaultCertificate, ACMCertificateArn and IAMCertificateId.")
	case !own && text(certificate, "SSLSupportMethod") == "":
		return refusal("InvalidViewerCertificate", "The parameter SSLSupportMethod is required with ACMCertificateArn or IAMCertificateId.")
	case strings.HasPrefix(acm, "arn:") && !strings.Contains(acm, ":us-east-1:"):
		return refusal("InvalidViewerCertificate", "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't include a valid certificate chain.")
	case !own:
		return nil
	}
	var had []any
	if old != nil {
		had = items(old.Config, "Aliases")
	}
	for _, alias := range items(r.Config, "Aliases") {
		if !slices.Contains(had, alias) {
			return refusal("InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, "+
				"you must attach a trusted certificate that validates your authorization to use the domain name.")
		}
	}
	return nil
}

// access refuses an origin whose access control or identity is not there, or that
// has both. [API-300]
func (a *API) access(origin tree) error {
	control, identity := text(origin, "OriginAccessControlId"), text(origin, "S3OriginConfig", "OriginAccessIdentity")
	switch id, well := strings.CutPrefix(identity, identityPrefix); {
	case control != "" && identity != "":
		return refusal("IllegalOriginAccessConfiguration", "origin "+text(origin, "Id"))
	case control != "" && a.shelf[accessControls][control] == nil:
		return refusal("InvalidOriginAccessControl", "origin "+text(origin, "Id")+": there is no origin access control "+control)
	case identity != "" && (!well || a.shelf[accessIdentities][id] == nil):
		return refusal("InvalidOriginAccessIdentity", "origin "+text(origin, "Id")+": there is no "+identityPrefix+"… as "+identity)
	}
	return nil
}
