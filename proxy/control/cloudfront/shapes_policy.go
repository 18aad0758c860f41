package cloudfront

// policyShapes are the documents of policies and of origin access, written as in
// shapes.
const policyShapes = `
CachePolicy
	Id text
	LastModifiedTime time
	CachePolicyConfig CachePolicyConfig

CachePolicyConfig
	Comment text = ""
	Name! text
	DefaultTTL int
	MaxTTL int
	MinTTL! int
	ParametersInCacheKeyAndForwardedToOrigin CacheKeyParameters = {}

CacheKeyParameters
	EnableAcceptEncodingGzip! flag = false
	EnableAcceptEncodingBrotli flag = false
	HeadersConfig! CachePolicyHeaders = {}
	CookiesConfig! PolicyCookies = {}
	QueryStringsConfig! PolicyQueryStrings = {}

CachePolicyHeaders
	HeaderBehavior! text(none|whitelist) = none
	Headers {Name text}

PolicyCookies
	CookieBehavior! text(none|whitelist|allExcept|all) = none
	Cookies {Name text}

PolicyQueryStrings
	QueryStringBehavior! text(none|whitelist|allExcept|all) = none
	QueryStrings {Name text}

CachePolicyList
	+ShortPage
	Items [CachePolicySummary CachePolicySummary]

CachePolicySummary
	Type text
	CachePolicy CachePolicy

ShortPage
	NextMarker text
	MaxItems int
	Quantity int

OriginRequestPolicy
	Id text
	LastModifiedTime time
	OriginRequestPolicyConfig OriginRequestPolicyConfig

OriginRequestPolicyConfig
	Comment text = ""
	Name! text
	HeadersConfig! OriginRequestPolicyHeaders
	CookiesConfig! PolicyCookies
	QueryStringsConfig! PolicyQueryStrings

OriginRequestPolicyHeaders
	HeaderBehavior! text(none|whitelist|allViewer|allViewerAndWhitelistCloudFront|allExcept)
	Headers {Name text}

OriginRequestPolicyList
	+ShortPage
	Items [OriginRequestPolicySummary OriginRequestPolicySummary]

OriginRequestPolicySummary
	Type text
	OriginRequestPolicy OriginRequestPolicy

ResponseHeadersPolicy
	Id text
	LastModifiedTime time
	ResponseHeadersPolicyConfig ResponseHeadersPolicyConfig

ResponseHeadersPolicyConfig
	Comment text = ""
	Name! text
	CorsConfig CorsConfig
	SecurityHeadersConfig SecurityHeadersConfig
	ServerTimingHeadersConfig ServerTimingHeadersConfig
	CustomHeadersConfig {ResponseHeadersPolicyCustomHeader CustomHeader}
	RemoveHeadersConfig {ResponseHeadersPolicyRemoveHeader RemoveHeader}

CorsConfig
	AccessControlAllowOrigins! {Origin text}
	AccessControlAllowHeaders! {Header text}
	AccessControlAllowMethods! {Method text(GET|POST|OPTIONS|PUT|DELETE|PATCH|HEAD|ALL)}
	AccessControlAllowCredentials! flag
	AccessControlExposeHeaders {Header text}
	AccessControlMaxAgeSec int
	OriginOverride! flag

SecurityHeadersConfig
	XSSProtection XSSProtection
	FrameOptions FrameOptions
	ReferrerPolicy ReferrerPolicy
	ContentSecurityPolicy ContentSecurityPolicy
	ContentTypeOptions ContentTypeOptions
	StrictTransportSecurity StrictTransportSecurity

XSSProtection
	Override! flag
	Protection! flag
	ModeBlock flag
	ReportUri text

FrameOptions
	Override! flag
	FrameOption! text(DENY|SAMEORIGIN)

ReferrerPolicy
	Override! flag
	ReferrerPolicy! text(no-referrer|no-referrer-when-downgrade|origin|origin-when-cross-origin|same-origin|strict-origin|strict-origin-when-cross-origin|unsafe-url)

ContentSecurityPolicy
	Override! flag
	ContentSecurityPolicy! text

ContentTypeOptions
	Override! flag

StrictTransportSecurity
	Override! flag
	IncludeSubdomains flag
	Preload flag
	AccessControlMaxAgeSec! int

ServerTimingHeadersConfig
	Enabled! flag
	SamplingRate float

CustomHeader
	Header! text
	Value! text
	Override! flag

RemoveHeader
	Header! text

ResponseHeadersPolicyList
	+ShortPage
	Items [ResponseHeadersPolicySummary ResponseHeadersPolicySummary]

ResponseHeadersPolicySummary
	Type text
	ResponseHeadersPolicy ResponseHeadersPolicy

OriginAccessControl
	Id text
	OriginAccessControlConfig OriginAccessControlConfig

OriginAccessControlConfig
	Name! text
	Description text = ""
	SigningProtocol! text(sigv4)
	SigningBehavior! text(never|always|no-override)
	OriginAccessControlOriginType! text(s3|mediastore|mediapackagev2|lambda)

OriginAccessControlList
	+Page
	Items [OriginAccessControlSummary OriginAccessControlSummary]

OriginAccessControlSummary
	Id text
	Description text
	Name text
	SigningProtocol text
	SigningBehavior text
	OriginAccessControlOriginType text

CloudFrontOriginAccessIdentity
	Id text
	S3CanonicalUserId text
	CloudFrontOriginAccessIdentityConfig CloudFrontOriginAccessIdentityConfig

CloudFrontOriginAccessIdentityConfig
	CallerReference! text
	Comment! text

CloudFrontOriginAccessIdentityList
	+Page
	Items [CloudFrontOriginAccessIdentitySummary CloudFrontOriginAccessIdentitySummary]

CloudFrontOriginAccessIdentitySummary
	Id text
	S3CanonicalUserId text
	Comment text
`
