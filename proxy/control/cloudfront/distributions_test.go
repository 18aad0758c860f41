package cloudfront

import (
	"strings"
	"testing"
	"time"

	"staleproof/proxy"
)

// changed is a distribution's configuration as the API gives it, with one thing
// replaced.
func (w *world) changed(id, old, new string) string {
	w.t.Helper()
	body := w.must(200, "GET", "/distribution/"+id+"/config", "").body
	if !strings.Contains(body, old) {
		w.t.Fatalf("there is no %s in %s", old, body)
	}
	return strings.Replace(body, old, new, 1)
}

func TestDistributionIsRefused(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(config("r", ""), old, new, 1) }
	behavior := "</DefaultCacheBehavior>"
	tests := []struct {
		name, body string
		status     int
		code, want string
	}{
		{"API-281: no such origin", with("<TargetOriginId>web", "<TargetOriginId>other"), 404, "NoSuchOrigin", "One or more of your origins or origin groups do not exist."},
		{"API-292, POL-15: no such policy", with("658327ea", "00000000"), 404, "NoSuchCachePolicy", "The cache policy does not exist."},
		{"API-292, POL-15: no such origin request policy", with(behavior, "<OriginRequestPolicyId>00000000-f89d-4fab-a63d-7e88639e58f6</OriginRequestPolicyId>"+behavior), 404, "NoSuchOriginRequestPolicy", "The origin request policy does not exist."},
		{"API-288: ForwardedValues beside a policy", with(behavior, "<ForwardedValues><QueryString>false</QueryString><Cookies><Forward>none</Forward></Cookies></ForwardedValues>"+behavior),
			400, "InvalidArgument", "The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior."},
		{"API-288: MinTTL beside a policy", with(behavior, "<MinTTL>0</MinTTL>"+behavior), 400, "InvalidArgument", "The parameter MinTTL cannot be used"},
		{"API-296: a slash before the root object", with("<Comment>", "<DefaultRootObject>/i.html</DefaultRootObject><Comment>"), 400, "InvalidDefaultRootObject", "begins with a slash"},
		{"API-286: a read timeout out of range", with("</CustomOriginConfig>", "<OriginReadTimeout>500</OriginReadTimeout></CustomOriginConfig>"), 400, "InvalidOriginReadTimeout", "Origins.Items[0].CustomOriginConfig.OriginReadTimeout"},
		{"API-36, API-294: an alias without a certificate", with("<Comment>", "<Aliases><Quantity>1</Quantity><Items><CNAME>www.example.com</CNAME></Items></Aliases><Comment>"),
			400, "InvalidViewerCertificate", "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that validates your authorization to use the domain name."},
		{"API-295: a certificate without SSLSupportMethod", with("<Comment>", "<ViewerCertificate><ACMCertificateArn>arn:aws:acm:us-east-1:1:certificate/x</ACMCertificateArn></ViewerCertificate><Comment>"),
			400, "InvalidViewerCertificate", "SSLSupportMethod"},
		{"API-295: a certificate of another region", with("<Comment>", "<ViewerCertificate><ACMCertificateArn>arn:aws:acm:eu-west-1:1:certificate/x</ACMCertificateArn><SSLSupportMethod>sni-only</SSLSupportMethod></ViewerCertificate><Comment>"),
			400, "InvalidViewerCertificate", "us-east-1"},
		{"API-27: no such origin access control", with("</Origin>", "<OriginAccessControlId>ENONE</OriginAccessControlId></Origin>"), 400, "InvalidOriginAccessControl", "The origin access control is not valid."},
		{"API-27: no such origin access identity", with("<CustomOriginConfig><HTTPPort>80</HTTPPort><HTTPSPort>443</HTTPSPort><OriginProtocolPolicy>http-only</OriginProtocolPolicy></CustomOriginConfig>",
			"<S3OriginConfig><OriginAccessIdentity>origin-access-identity/cloudfront/ENONE</OriginAccessIdentity></S3OriginConfig>"), 400, "InvalidOriginAccessIdentity", "The origin access identity is not valid or doesn't exist."},
		{"API-303: more countries than counted", with("<Comment>", "<Restrictions><GeoRestriction><RestrictionType>blacklist</RestrictionType><Quantity>1</Quantity></GeoRestriction></Restrictions><Comment>"),
			400, "InconsistentQuantities", "The value of Quantity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, nil)
			a := w.must(tt.status, "POST", "/distribution", tt.body)
			said := a.value("Message") + a.header.Get("Staleproof-Detail")
			if a.value("Code") != tt.code || !strings.Contains(said, tt.want) || a.value("Type") != "Sender" {
				t.Errorf("got %s\nwant %s with %q", a.body, tt.code, tt.want)
			}
			if list := w.must(200, "GET", "/distribution", ""); list.value("Quantity") != "0" || len(w.network.Distributions()) != 0 {
				t.Errorf("API-266: something has changed: %s", list.body)
			}
		})
	}
}

func TestDistributionLives(t *testing.T) {
	w := open(t, func(o *Options, _ *proxy.Config) { o.DeployDelay = time.Minute })
	created := w.created("life")
	id, domain := created.value("Id"), created.value("DomainName")
	if want := "https://cloudfront.amazonaws.com/2020-05-31/distribution/" + id; created.header.Get("Location") != want {
		t.Errorf("API-13: got %s, want %s", created.header.Get("Location"), want)
	}
	if len(created.etag()) != 14 || created.etag()[0] != 'E' || created.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("API-10, API-14: got %v", created.header)
	}
	if created.value("Status") != "InProgress" {
		t.Errorf("API-261: got %s, want InProgress for a minute", created.value("Status"))
	}
	if status, _, _ := w.view("http://" + domain + "/"); status != 200 {
		t.Errorf("it is served at once: got %d", status)
	}
	again := w.must(409, "POST", "/distribution", config("life", ""))
	if want := "Already exists: " + id; again.value("Code") != "DistributionAlreadyExists" || !strings.HasSuffix(again.value("Message"), want) {
		t.Errorf("API-33: got %s, want %s", again.body, want)
	}
	w.now = w.now.Add(time.Minute)
	if got := w.must(200, "GET", "/distribution/"+id, ""); got.value("Status") != "Deployed" || got.etag() != created.etag() {
		t.Errorf("API-40, API-340: got %s %s", got.value("Status"), got.etag())
	}

	off := w.changed(id, "<Enabled>true", "<Enabled>false")
	for _, row := range []struct {
		name, etag string
		status     int
		code       string
	}{
		{"API-41: no If-Match", "", 400, "InvalidIfMatchVersion"},
		{"API-41: a stale one", "E00000000000", 412, "PreconditionFailed"},
	} {
		for method, path := range map[string]string{"PUT": "/config", "DELETE": ""} {
			if a := w.call(method, "/distribution/"+id+path, off, "If-Match", row.etag); a.status != row.status || a.value("Code") != row.code {
				t.Errorf("%s: %s: got %d %s, want %d %s", row.name, method, a.status, a.value("Code"), row.status, row.code)
			} else if row.status == 400 && a.value("Message") != "The If-Match version is missing or not valid for the resource." {
				t.Errorf("API-29: %s: got %s", method, a.value("Message"))
			}
		}
	}
	if a := w.must(409, "DELETE", "/distribution/"+id, "", "If-Match", created.etag()); a.value("Code") != "DistributionNotDisabled" {
		t.Errorf("API-263: got %s", a.body)
	}
	updated := w.must(200, "PUT", "/distribution/"+id+"/config", off, "If-Match", `"`+created.etag()+`"`)
	if updated.etag() == created.etag() {
		t.Error("API-40: an update has given no new ETag")
	}
	if a := w.must(409, "DELETE", "/distribution/"+id, "", "If-Match", updated.etag()); a.value("Code") != "DistributionNotDisabled" {
		t.Errorf("API-263: disabled, but not deployed: got %s", a.body)
	}
	w.now = w.now.Add(time.Minute)
	if a := w.must(204, "DELETE", "/distribution/"+id, "", "If-Match", updated.etag()); a.body != "" {
		t.Errorf("API-105: got %q, want no body", a.body)
	}
	if a := w.must(404, "GET", "/distribution/"+id, ""); a.value("Message") != "The specified distribution does not exist." {
		t.Errorf("API-31: got %s", a.body)
	}
	if ds := w.network.Distributions(); len(ds) != 0 {
		t.Errorf("%s is still served", ds[0].ID)
	}
}

func TestUpdateIsStricterThanCreate(t *testing.T) {
	tests := []struct{ name, without, code, want string }{
		{"API-264: no Aliases", "<Aliases><Quantity>0</Quantity></Aliases>", "IllegalUpdate", "Aliases are missing for the resource"},
		{"API-264: no CustomHeaders", "<CustomHeaders><Quantity>0</Quantity></CustomHeaders>", "IllegalUpdate", "The 'OriginCustomHeaders' field is missing"},
		{"API-264: no SmoothStreaming", "<SmoothStreaming>false</SmoothStreaming>", "InvalidArgument", "The parameter SmoothStreaming flag is missing"},
		{"API-265: another caller reference", "strict", "IllegalUpdate", "The caller reference of a distribution cannot be changed."},
	}
	w := open(t, nil)
	created := w.created("strict")
	id := created.value("Id")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := w.must(400, "PUT", "/distribution/"+id+"/config", w.changed(id, tt.without, ""), "If-Match", created.etag())
			if a.value("Code") != tt.code || a.value("Message") != tt.want {
				t.Errorf("got %s, want %s %q", a.body, tt.code, tt.want)
			}
		})
	}
	if got := w.must(200, "GET", "/distribution/"+id, ""); got.etag() != created.etag() || got.value("DistributionConfig") != created.value("DistributionConfig") {
		t.Error("API-266: a refused update has changed something")
	}
}

func TestUpdateIsServedAtOnce(t *testing.T) {
	w := open(t, nil)
	created := w.created("update")
	id := created.value("Id")
	url := "http://" + created.value("DomainName") + "/x?v=1"
	w.view(url)
	const all = "4cc15a8a-d715-48a4-82b8-cc0b614638fe" // UseOriginCacheControlHeaders-QueryStrings
	w.must(200, "PUT", "/distribution/"+id+"/config", w.changed(id, "658327ea-f89d-4fab-a63d-7e88639e58f6", all), "If-Match", created.etag())
	if _, body, result := w.view(url); body != "the origin's /x?v=1" || result != "Miss" {
		t.Errorf("API-104: got %q %s, want the query string to reach the origin", body, result)
	}
}

func TestUpdateNeverMerges(t *testing.T) {
	w := open(t, nil)
	const root = "<DefaultRootObject>i.html</DefaultRootObject>"
	created := w.must(201, "POST", "/distribution", strings.Replace(config("whole", ""), "<Comment>", root+"<Comment>", 1))
	path := "/distribution/" + created.value("Id") + "/config"
	if got := w.must(200, "GET", path, ""); got.value("DefaultRootObject") != "i.html" {
		t.Fatalf("got %s", got.body)
	}
	w.must(200, "PUT", path, w.changed(created.value("Id"), root, ""), "If-Match", created.etag())
	if got := w.must(200, "GET", path, ""); strings.Contains(got.body, "i.html") {
		t.Errorf("API-42: what was left out is still there: %s", got.body)
	}
}

func TestWhatNobodySetIsThere(t *testing.T) {
	a := open(t, nil).created("filled")
	for _, want := range []string{
		"<OriginPath></OriginPath>", "<CustomHeaders><Quantity>0</Quantity></CustomHeaders>", "<ConnectionAttempts>3</ConnectionAttempts>",
		"<ConnectionTimeout>10</ConnectionTimeout>", "<OriginShield><Enabled>false</Enabled></OriginShield>", "<OriginAccessControlId></OriginAccessControlId>",
		"<TrustedSigners><Enabled>false</Enabled><Quantity>0</Quantity></TrustedSigners>", "<TrustedKeyGroups><Enabled>false</Enabled><Quantity>0</Quantity></TrustedKeyGroups>",
		"<AllowedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items><CachedMethods><Quantity>2</Quantity><Items><Method>HEAD</Method><Method>GET</Method></Items></CachedMethods></AllowedMethods>",
		"<SmoothStreaming>false</SmoothStreaming>", "<Compress>false</Compress>", "<FunctionAssociations><Quantity>0</Quantity></FunctionAssociations>",
		"<FieldLevelEncryptionId></FieldLevelEncryptionId>", "<GrpcConfig><Enabled>false</Enabled></GrpcConfig>",
		"<Logging><Enabled>false</Enabled><IncludeCookies>false</IncludeCookies><Bucket></Bucket><Prefix></Prefix></Logging>", "<PriceClass>PriceClass_All</PriceClass>",
		"<GeoRestriction><RestrictionType>none</RestrictionType><Quantity>0</Quantity></GeoRestriction>", "<WebACLId></WebACLId>",
		"<ContinuousDeploymentPolicyId></ContinuousDeploymentPolicyId>", "<Staging>false</Staging>",
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("API-314, API-318: there is no %s in %s", want, a.body)
		}
	}
}

func TestOriginSslProtocols(t *testing.T) {
	const end = "</CustomOriginConfig>"
	for _, tt := range []struct{ name, more, want string }{
		{"API-315: left out", "", "<OriginSslProtocols><Quantity>2</Quantity><Items><SslProtocol>TLSv1</SslProtocol><SslProtocol>SSLv3</SslProtocol></Items></OriginSslProtocols>"},
		{"given", "<OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol></Items></OriginSslProtocols>",
			"<OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol></Items></OriginSslProtocols>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := open(t, nil).must(201, "POST", "/distribution", strings.Replace(config("r", ""), end, tt.more+end, 1))
			if !strings.Contains(a.body, tt.want) {
				t.Errorf("got %s\nwant %s", a.body, tt.want)
			}
		})
	}
}

func TestLegacyBoundsAreFilledIn(t *testing.T) {
	const cache = "<CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId>"
	const forwarded = "<ForwardedValues><QueryString>true</QueryString><Cookies><Forward>none</Forward></Cookies></ForwardedValues>"
	tests := []struct{ name, more, want string }{
		{"LEG-08: none is given", "", "<MinTTL>0</MinTTL><DefaultTTL>86400</DefaultTTL><MaxTTL>31536000</MaxTTL>"},
		{"LEG-08: MinTTL is more than a day", "<MinTTL>100000</MinTTL>", "<MinTTL>100000</MinTTL><DefaultTTL>100000</DefaultTTL><MaxTTL>31536000</MaxTTL>"},
		{"all are given", "<MinTTL>1</MinTTL><DefaultTTL>2</DefaultTTL><MaxTTL>3</MaxTTL>", "<MinTTL>1</MinTTL><DefaultTTL>2</DefaultTTL><MaxTTL>3</MaxTTL>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t, nil)
			a := w.must(201, "POST", "/distribution", strings.Replace(config("legacy", ""), cache, forwarded+tt.more, 1))
			if !strings.Contains(a.body, tt.want) {
				t.Errorf("got %s\nwant %s", a.body, tt.want)
			}
		})
	}
}

// aliased is a distribution with an alternate domain name and a certificate.
func aliased(reference, alias string) string {
	return strings.Replace(config(reference, "<ViewerCertificate><ACMCertificateArn>arn:aws:acm:us-east-1:1:certificate/x</ACMCertificateArn><SSLSupportMethod>sni-only</SSLSupportMethod></ViewerCertificate>"),
		"<Comment>", "<Aliases><Quantity>1</Quantity><Items><CNAME>"+alias+"</CNAME></Items></Aliases><Comment>", 1)
}

func TestAliasBelongsToOneDistribution(t *testing.T) {
	w := open(t, nil)
	first := w.must(201, "POST", "/distribution", aliased("a", "www.example.com"))
	if first.value("CertificateSource") != "acm" || first.value("Certificate") == "" || first.value("ICPRecordalStatus") != "APPROVED" {
		t.Errorf("API-262: got %s", first.body)
	}
	if status, _, _ := w.view("http://www.example.com/"); status != 200 {
		t.Errorf("an alias is served: got %d", status)
	}
	if a := w.must(409, "POST", "/distribution", aliased("b", "www.example.com")); a.value("Code") != "CNAMEAlreadyExists" {
		t.Errorf("API-294: got %s", a.body)
	}
	w.must(201, "POST", "/distribution", aliased("c", "docs.example.com"))
}

func TestListDistributions(t *testing.T) {
	w := open(t, nil)
	for _, r := range []string{"a", "b", "c"} {
		w.created(r)
	}
	first := w.must(200, "GET", "/distribution?MaxItems=2", "")
	if first.value("IsTruncated") != "true" || first.value("MaxItems") != "2" || strings.Count(first.body, "<DistributionSummary>") != 2 {
		t.Fatalf("API-46: got %s", first.body)
	}
	if first.value("ETag") == "" {
		t.Error("API-212: there is no ETag in the summary")
	}
	second := w.must(200, "GET", "/distribution?MaxItems=2&Marker="+first.value("NextMarker"), "")
	if second.value("IsTruncated") != "false" || second.value("NextMarker") != "" || strings.Count(second.body, "<DistributionSummary>") != 1 || second.value("Marker") != first.value("NextMarker") {
		t.Errorf("API-48: got %s", second.body)
	}
	if ids := w.must(200, "GET", "/distributionsByCachePolicyId/658327ea-f89d-4fab-a63d-7e88639e58f6", ""); strings.Count(ids.body, "<DistributionId>") != 3 {
		t.Errorf("API-111: got %s", ids.body)
	}
	if none := w.must(200, "GET", "/distributionsByWebACLId/acl", ""); strings.Contains(none.body, "<Items>") || none.value("Quantity") != "0" {
		t.Errorf("API-06, API-115: got %s", none.body)
	}
	const security = "67f7725c-6f97-4210-82d7-5512b31e9d03"
	policy := "<ResponseHeadersPolicyId>" + security + "</ResponseHeadersPolicyId></DefaultCacheBehavior>"
	with := w.must(201, "POST", "/distribution", strings.Replace(config("with", ""), "</DefaultCacheBehavior>", policy, 1)).value("Id")
	if ids := w.must(200, "GET", "/distributionsByResponseHeadersPolicyId/"+security, ""); !strings.Contains(ids.body, "<DistributionIdList") || ids.value("DistributionId") != with || ids.value("Quantity") != "1" {
		t.Errorf("API-113: got %s", ids.body)
	}
	if most := w.must(200, "GET", "/distribution?MaxItems=1000", ""); most.value("MaxItems") != "100" {
		t.Errorf("API-319: got %s", most.value("MaxItems"))
	}
	for _, query := range []string{"?MaxItems=no", "?MaxItems=0", "?Marker=EOTHER"} {
		if a := w.must(400, "GET", "/distribution"+query, ""); a.value("Code") != "InvalidArgument" {
			t.Errorf("%s: got %s", query, a.body)
		}
	}
}

func TestCopyIsAStagingDistribution(t *testing.T) {
	w := open(t, nil)
	created := w.must(201, "POST", "/distribution", aliased("copy", "www.example.com"))
	id := created.value("Id")
	const body = "<CopyDistributionRequest><CallerReference>copied</CallerReference><Enabled>true</Enabled></CopyDistributionRequest>"
	a := w.must(201, "POST", "/distribution/"+id+"/copy", body, "Staging", "true", "If-Match", created.etag())
	if a.value("Staging") != "true" || a.value("Id") == id || a.value("CallerReference") != "copied" || strings.Contains(a.body, "www.example.com") {
		t.Errorf("API-202: got %s", a.body)
	}
	if status, _, _ := w.view("http://" + a.value("DomainName") + "/"); status != 403 {
		t.Errorf("CFG-121: a staging distribution was served: got %d", status)
	}
	if a := w.must(400, "POST", "/distribution/"+id+"/copy", body, "Staging", "true"); a.value("Code") != "InvalidIfMatchVersion" {
		t.Errorf("API-107: got %s", a.body)
	}
}

func TestWhatIsNotEmulatedIsNoted(t *testing.T) {
	w := open(t, nil)
	more := "<PriceClass>PriceClass_100</PriceClass><HttpVersion>http3</HttpVersion>"
	a := w.must(201, "POST", "/distribution", config("note", more))
	said := strings.Join(w.notes, "\n")
	if !strings.Contains(said, "PriceClass: not emulated") || strings.Contains(said, "ViewerCertificate") {
		t.Errorf("got %s, want notes about what was sent, and about nothing that was filled in", said)
	}
	before := len(w.notes)
	id := a.value("Id")
	w.must(200, "PUT", "/distribution/"+id+"/config", w.changed(id, "<Comment>c", "<Comment>d"), "If-Match", a.etag())
	if len(w.notes) != before {
		t.Errorf("said again: %q", w.notes[before:])
	}
}
