package cloudfront

import (
	"strings"
	"testing"
)

// Parts of a distribution, each as CloudFront writes it, but for the origin and the behavior.
const (
	group = `<OriginGroups><Quantity>1</Quantity><Items><OriginGroup><Id>both</Id><FailoverCriteria><StatusCodes><Quantity>2</Quantity><Items><StatusCode>500</StatusCode><StatusCode>502</StatusCode></Items></StatusCodes></FailoverCriteria>` +
		`<Members><Quantity>2</Quantity><Items><OriginGroupMember><OriginId>web</OriginId></OriginGroupMember><OriginGroupMember><OriginId>other</OriginId></OriginGroupMember></Items></Members></OriginGroup></Items></OriginGroups>`
	aliases      = "<Aliases><Quantity>1</Quantity><Items><CNAME>www.example.com</CNAME></Items></Aliases>"
	errorPage    = "<CustomErrorResponses><Quantity>1</Quantity><Items><CustomErrorResponse><ErrorCode>404</ErrorCode><ResponsePagePath>/404.html</ResponsePagePath><ResponseCode>200</ResponseCode><ErrorCachingMinTTL>9</ErrorCachingMinTTL></CustomErrorResponse></Items></CustomErrorResponses>"
	otherOrigin  = `<Origin><Id>other</Id><DomainName>other.example</DomainName><S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin>`
	cached       = "<CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId>"
	pathBehavior = "<CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior><PathPattern>/a/*</PathPattern><TargetOriginId>web</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>" + cached + "</CacheBehavior></Items></CacheBehaviors>"
)

// grouped gives a distribution another origin, and a group of both.
func grouped(distribution string) string {
	return strings.NewReplacer("<Origins><Quantity>1<", "<Origins><Quantity>2<", "</Origin></Items></Origins>", "</Origin>"+otherOrigin+"</Items></Origins>"+group).Replace(distribution)
}

// TestItemsOfListsHaveTheirNames sends lists, and finds their items called in the answer
// what they are called at CloudFront.
func TestItemsOfListsHaveTheirNames(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(config("r", ""), old, new, 1) }
	headers := "<CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>X-From</HeaderName><HeaderValue>edge</HeaderValue></OriginCustomHeader></Items></CustomHeaders>"
	protocols := "<OriginSslProtocols><Quantity>1</Quantity><Items><SslProtocol>TLSv1.2</SslProtocol></Items></OriginSslProtocols>"
	methods := "<AllowedMethods><Quantity>3</Quantity><Items><Method>GET</Method><Method>HEAD</Method><Method>OPTIONS</Method></Items><CachedMethods><Quantity>2</Quantity><Items><Method>GET</Method><Method>HEAD</Method></Items></CachedMethods></AllowedMethods>"
	signers := "<TrustedSigners><Enabled>true</Enabled><Quantity>1</Quantity><Items><AwsAccountNumber>self</AwsAccountNumber></Items></TrustedSigners>"
	keyGroups := "<TrustedKeyGroups><Enabled>true</Enabled><Quantity>1</Quantity><Items><KeyGroup>00000000-0000-4000-8000-000000000000</KeyGroup></Items></TrustedKeyGroups>"
	functions := "<FunctionAssociations><Quantity>1</Quantity><Items><FunctionAssociation><FunctionARN>arn:aws:cloudfront::123456789012:function/f</FunctionARN><EventType>viewer-request</EventType></FunctionAssociation></Items></FunctionAssociations>"
	lambdas := "<LambdaFunctionAssociations><Quantity>1</Quantity><Items><LambdaFunctionAssociation><LambdaFunctionARN>arn:aws:lambda:us-east-1:123456789012:function:f:1</LambdaFunctionARN><EventType>origin-request</EventType><IncludeBody>false</IncludeBody></LambdaFunctionAssociation></Items></LambdaFunctionAssociations>"
	forwarded := "<ForwardedValues><QueryString>true</QueryString><Cookies><Forward>whitelist</Forward><WhitelistedNames><Quantity>1</Quantity><Items><Name>c</Name></Items></WhitelistedNames></Cookies>" +
		"<Headers><Quantity>1</Quantity><Items><Name>X-H</Name></Items></Headers><QueryStringCacheKeys><Quantity>1</Quantity><Items><Name>q</Name></Items></QueryStringCacheKeys></ForwardedValues>"
	countries := "<GeoRestriction><RestrictionType>blacklist</RestrictionType><Quantity>1</Quantity><Items><Location>DE</Location></Items></GeoRestriction>"
	cors := "<CorsConfig><AccessControlAllowOrigins><Quantity>1</Quantity><Items><Origin>https://a.example</Origin></Items></AccessControlAllowOrigins><AccessControlAllowHeaders><Quantity>1</Quantity><Items><Header>X-A</Header></Items></AccessControlAllowHeaders>" +
		"<AccessControlAllowMethods><Quantity>1</Quantity><Items><Method>GET</Method></Items></AccessControlAllowMethods><AccessControlAllowCredentials>false</AccessControlAllowCredentials>" +
		"<AccessControlExposeHeaders><Quantity>1</Quantity><Items><Header>X-E</Header></Items></AccessControlExposeHeaders><OriginOverride>true</OriginOverride></CorsConfig>"
	removed := "<RemoveHeadersConfig><Quantity>1</Quantity><Items><ResponseHeadersPolicyRemoveHeader><Header>X-R</Header></ResponseHeadersPolicyRemoveHeader></Items></RemoveHeadersConfig>"

	for _, tt := range []struct {
		name, path, body string
		want             []string
	}{
		{"API-220: Aliases are CNAMEs", "/distribution", aliased("r", "www.example.com"), []string{aliases}},
		{"API-220: Origins are Origins", "/distribution", grouped(config("r", "")), []string{"<Origins><Quantity>2</Quantity><Items><Origin><Id>web</Id>", "</Origin><Origin><Id>other</Id>", "</Origin></Items></Origins>"}},
		{"API-220, API-222: OriginGroups are OriginGroups, with StatusCodes and OriginGroupMembers", "/distribution", grouped(config("r", "")), []string{group}},
		{"API-220: CacheBehaviors are CacheBehaviors", "/distribution", with("<Comment>", pathBehavior+"<Comment>"),
			[]string{"<CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior><PathPattern>/a/*</PathPattern>", "</CacheBehavior></Items></CacheBehaviors>"}},
		{"API-220: CustomErrorResponses are CustomErrorResponses", "/distribution", with("<Comment>", errorPage+"<Comment>"), []string{errorPage}},
		{"API-221: CustomHeaders are OriginCustomHeaders", "/distribution", with("<CustomOriginConfig>", headers+"<CustomOriginConfig>"), []string{headers}},
		{"API-222: OriginSslProtocols are SslProtocols", "/distribution", with("</CustomOriginConfig>", protocols+"</CustomOriginConfig>"), []string{protocols}},
		{"API-223: AllowedMethods and CachedMethods are Methods", "/distribution", with(cached, methods+cached), []string{methods}},
		{"API-224: TrustedSigners are AwsAccountNumbers", "/distribution", with(cached, signers+cached), []string{signers}},
		{"API-224: TrustedKeyGroups are KeyGroups", "/distribution", with(cached, keyGroups+cached), []string{keyGroups}},
		{"API-225: FunctionAssociations are FunctionAssociations", "/distribution", with(cached, functions+cached), []string{functions}},
		{"API-225: LambdaFunctionAssociations are LambdaFunctionAssociations", "/distribution", with(cached, lambdas+cached), []string{lambdas}},
		{"API-226: in ForwardedValues are Names", "/distribution", with(cached, forwarded), []string{forwarded}},
		{"API-226: in a cache policy are Names", "/cache-policy", filled(cachePolicy, "n", "v"), []string{"<QueryStrings><Quantity>1</Quantity><Items><Name>v</Name></Items></QueryStrings>"}},
		{"API-226: in an origin request policy are Names", "/origin-request-policy", filled(requestPolicy, "n", "X-V"), []string{"<Headers><Quantity>1</Quantity><Items><Name>X-V</Name></Items></Headers>"}},
		{"API-227: GeoRestriction has Locations", "/distribution", with("<Comment>", "<Restrictions>"+countries+"</Restrictions><Comment>"), []string{countries}},
		{"API-229: a response headers policy has Origins, Headers and Methods", "/response-headers-policy",
			"<ResponseHeadersPolicyConfig><Name>n</Name>" + cors + removed + "</ResponseHeadersPolicyConfig>", []string{cors, removed}},
		{"API-229: CustomHeadersConfig has ResponseHeadersPolicyCustomHeaders", "/response-headers-policy", filled(responsePolicy, "n", "v"),
			[]string{"<CustomHeadersConfig><Quantity>1</Quantity><Items><ResponseHeadersPolicyCustomHeader><Header>X-P</Header><Value>v</Value><Override>true</Override></ResponseHeadersPolicyCustomHeader></Items></CustomHeadersConfig>"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := open(t, nil).must(201, "POST", tt.path, tt.body)
			for _, want := range tt.want {
				if !strings.Contains(a.body, want) {
					t.Errorf("got %s\nwant %s", a.body, want)
				}
			}
		})
	}
}

// TestItemsOfAnswersHaveTheirNames: of the lists that are only in answers, or are taken from a
// request apart. StagingDistributionDnsNames, whose items are DnsNames, belong to continuous
// deployment, which is not emulated.
func TestItemsOfAnswersHaveTheirNames(t *testing.T) {
	w := open(t, nil)
	wide := strings.Replace(grouped(aliased("r", "www.example.com")), "<Comment>", pathBehavior+errorPage+"<Comment>", 1)
	id := w.must(201, "POST", "/distribution", wide).value("Id")
	invalidation := w.must(201, "POST", "/distribution/"+id+"/invalidation", batch("r", "/a", "/b")).value("Id")
	for _, tt := range []struct{ name, path, want string }{
		{"API-230: Paths of an invalidation are Paths", "/distribution/" + id + "/invalidation/" + invalidation, "<Paths><Quantity>2</Quantity><Items><Path>/a</Path><Path>/b</Path></Items></Paths>"},
		{"API-230: an InvalidationList has InvalidationSummaries", "/distribution/" + id + "/invalidation", "<Items><InvalidationSummary><Id>" + invalidation + "</Id>"},
		{"API-230: a DistributionList has DistributionSummaries", "/distribution", "<Items><DistributionSummary><Id>" + id + "</Id>"},
		{"API-230: a DistributionIdList has DistributionIds", "/distributionsByCachePolicyId/658327ea-f89d-4fab-a63d-7e88639e58f6", "<Items><DistributionId>" + id + "</DistributionId></Items>"},
		{"API-220: a summary has CNAMEs", "/distribution", aliases},
		{"API-220: a summary has Origins", "/distribution", "<Origins><Quantity>2</Quantity><Items><Origin><Id>web</Id>"},
		{"API-220: a summary has OriginGroups", "/distribution", group},
		{"API-220: a summary has CacheBehaviors", "/distribution", "<CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior><PathPattern>/a/*</PathPattern>"},
		{"API-220: a summary has CustomErrorResponses", "/distribution", errorPage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if a := w.call("GET", tt.path, ""); !strings.Contains(a.body, tt.want) {
				t.Errorf("got %s\nwant %s", a.body, tt.want)
			}
		})
	}
}
