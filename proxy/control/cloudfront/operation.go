package cloudfront

import "strings"

// operation is one of the API's: how it is asked for, and what it does.
type operation struct {
	name, method, path string
	do                 func(*API, *call) (*reply, error)
}

// operations are those that are emulated. [API-100] to [API-177]
func operations() []operation {
	all := []operation{
		{"CreateDistribution", "POST", "/distribution", (*API).createDistribution}, // ?WithTags, too
		{"ListDistributions", "GET", "/distribution", (*API).listDistributions},
		{"GetDistribution", "GET", "/distribution/{id}", (*API).getDistribution},
		{"GetDistributionConfig", "GET", "/distribution/{id}/config", (*API).getDistributionConfig},
		{"UpdateDistribution", "PUT", "/distribution/{id}/config", (*API).updateDistribution},
		{"DeleteDistribution", "DELETE", "/distribution/{id}", (*API).deleteDistribution},
		{"CopyDistribution", "POST", "/distribution/{id}/copy", (*API).copyDistribution},
		{"ListDistributionsByCachePolicyId", "GET", "/distributionsByCachePolicyId/{id}", listUsing("CachePolicyId", cachePolicies)},
		{"ListDistributionsByOriginRequestPolicyId", "GET", "/distributionsByOriginRequestPolicyId/{id}", listUsing("OriginRequestPolicyId", originRequestPolicies)},
		{"ListDistributionsByResponseHeadersPolicyId", "GET", "/distributionsByResponseHeadersPolicyId/{id}", listUsing("ResponseHeadersPolicyId", responseHeadersPolicies)},
		{"ListDistributionsByWebACLId", "GET", "/distributionsByWebACLId/{id}", (*API).listByWebACL},
		{"CreateInvalidation", "POST", "/distribution/{id}/invalidation", (*API).createInvalidation},
		{"ListInvalidations", "GET", "/distribution/{id}/invalidation", (*API).listInvalidations},
		{"GetInvalidation", "GET", "/distribution/{id}/invalidation/{invalidation}", (*API).getInvalidation},
		{"ListTagsForResource", "GET", "/tagging", (*API).listTags},
		{"TagResource", "POST", "/tagging", (*API).changeTags}, // UntagResource, too
		{"GetMonitoringSubscription", "GET", "/distributions/{id}/monitoring-subscription", (*API).getMonitoring},
		{"DeleteMonitoringSubscription", "DELETE", "/distributions/{id}/monitoring-subscription", (*API).getMonitoring},
	}
	for _, k := range kinds {
		all = append(all, k.operations()...)
	}
	return all
}

// unemulatedOperations are all others of the API, by path. [API-109] to [API-211]
const unemulatedOperations = `
PUT /distribution/{id}/associate-alias AssociateAlias
PUT /distribution/{id}/associate-web-acl AssociateDistributionWebACL
PUT /distribution/{id}/disassociate-web-acl DisassociateDistributionWebACL
PUT /distribution/{id}/promote-staging-config UpdateDistributionWithStagingConfig
GET /conflicting-alias ListConflictingAliases
GET /distributionsByAnycastIpListId/{id} ListDistributionsByAnycastIpListId
GET /distributionsByConnectionFunction ListDistributionsByConnectionFunction
GET /distributionsByConnectionMode/{id} ListDistributionsByConnectionMode
GET /distributionsByKeyGroupId/{id} ListDistributionsByKeyGroup
GET /distributionsByOwnedResource/{id} ListDistributionsByOwnedResource
POST /distributionsByRealtimeLogConfig ListDistributionsByRealtimeLogConfig
GET /distributionsByTrustStore ListDistributionsByTrustStore
GET /distributionsByVpcOriginId/{id} ListDistributionsByVpcOriginId
POST /function CreateFunction
GET /function ListFunctions
GET /function/{id} GetFunction
GET /function/{id}/describe DescribeFunction
PUT /function/{id} UpdateFunction
POST /function/{id}/publish PublishFunction
POST /function/{id}/test TestFunction
DELETE /function/{id} DeleteFunction
POST /key-value-store CreateKeyValueStore
GET /key-value-store ListKeyValueStores
GET /key-value-store/{id} DescribeKeyValueStore
PUT /key-value-store/{id} UpdateKeyValueStore
DELETE /key-value-store/{id} DeleteKeyValueStore
POST /public-key CreatePublicKey
GET /public-key ListPublicKeys
GET /public-key/{id} GetPublicKey
GET /public-key/{id}/config GetPublicKeyConfig
PUT /public-key/{id}/config UpdatePublicKey
DELETE /public-key/{id} DeletePublicKey
POST /key-group CreateKeyGroup
GET /key-group ListKeyGroups
GET /key-group/{id} GetKeyGroup
GET /key-group/{id}/config GetKeyGroupConfig
PUT /key-group/{id} UpdateKeyGroup
DELETE /key-group/{id} DeleteKeyGroup
POST /realtime-log-config CreateRealtimeLogConfig
GET /realtime-log-config ListRealtimeLogConfigs
PUT /realtime-log-config UpdateRealtimeLogConfig
POST /get-realtime-log-config GetRealtimeLogConfig
POST /delete-realtime-log-config DeleteRealtimeLogConfig
POST /continuous-deployment-policy CreateContinuousDeploymentPolicy
GET /continuous-deployment-policy ListContinuousDeploymentPolicies
GET /continuous-deployment-policy/{id} GetContinuousDeploymentPolicy
GET /continuous-deployment-policy/{id}/config GetContinuousDeploymentPolicyConfig
PUT /continuous-deployment-policy/{id} UpdateContinuousDeploymentPolicy
DELETE /continuous-deployment-policy/{id} DeleteContinuousDeploymentPolicy
POST /distributions/{id}/monitoring-subscription CreateMonitoringSubscription
POST /field-level-encryption CreateFieldLevelEncryptionConfig
GET /field-level-encryption ListFieldLevelEncryptionConfigs
GET /field-level-encryption/{id} GetFieldLevelEncryption
GET /field-level-encryption/{id}/config GetFieldLevelEncryptionConfig
PUT /field-level-encryption/{id}/config UpdateFieldLevelEncryptionConfig
DELETE /field-level-encryption/{id} DeleteFieldLevelEncryptionConfig
POST /field-level-encryption-profile CreateFieldLevelEncryptionProfile
GET /field-level-encryption-profile ListFieldLevelEncryptionProfiles
GET /field-level-encryption-profile/{id} GetFieldLevelEncryptionProfile
GET /field-level-encryption-profile/{id}/config GetFieldLevelEncryptionProfileConfig
PUT /field-level-encryption-profile/{id}/config UpdateFieldLevelEncryptionProfile
DELETE /field-level-encryption-profile/{id} DeleteFieldLevelEncryptionProfile
POST /streaming-distribution CreateStreamingDistribution
GET /streaming-distribution ListStreamingDistributions
GET /streaming-distribution/{id} GetStreamingDistribution
GET /streaming-distribution/{id}/config GetStreamingDistributionConfig
PUT /streaming-distribution/{id}/config UpdateStreamingDistribution
DELETE /streaming-distribution/{id} DeleteStreamingDistribution
POST /anycast-ip-list CreateAnycastIpList
GET /anycast-ip-list ListAnycastIpLists
GET /anycast-ip-list/{id} GetAnycastIpList
PUT /anycast-ip-list/{id} UpdateAnycastIpList
DELETE /anycast-ip-list/{id} DeleteAnycastIpList
POST /vpc-origin CreateVpcOrigin
GET /vpc-origin ListVpcOrigins
GET /vpc-origin/{id} GetVpcOrigin
PUT /vpc-origin/{id} UpdateVpcOrigin
DELETE /vpc-origin/{id} DeleteVpcOrigin
POST /distribution-tenant CreateDistributionTenant
GET /distribution-tenant GetDistributionTenantByDomain
GET /distribution-tenant/{id} GetDistributionTenant
PUT /distribution-tenant/{id} UpdateDistributionTenant
DELETE /distribution-tenant/{id} DeleteDistributionTenant
PUT /distribution-tenant/{id}/associate-web-acl AssociateDistributionTenantWebACL
PUT /distribution-tenant/{id}/disassociate-web-acl DisassociateDistributionTenantWebACL
POST /distribution-tenant/{id}/invalidation CreateInvalidationForDistributionTenant
GET /distribution-tenant/{id}/invalidation ListInvalidationsForDistributionTenant
GET /distribution-tenant/{id}/invalidation/{invalidation} GetInvalidationForDistributionTenant
POST /distribution-tenants ListDistributionTenants
POST /distribution-tenants-by-customization ListDistributionTenantsByCustomization
POST /connection-function CreateConnectionFunction
GET /connection-function/{id} GetConnectionFunction
GET /connection-function/{id}/describe DescribeConnectionFunction
PUT /connection-function/{id} UpdateConnectionFunction
POST /connection-function/{id}/publish PublishConnectionFunction
POST /connection-function/{id}/test TestConnectionFunction
DELETE /connection-function/{id} DeleteConnectionFunction
POST /connection-functions ListConnectionFunctions
POST /connection-group CreateConnectionGroup
GET /connection-group GetConnectionGroupByRoutingEndpoint
GET /connection-group/{id} GetConnectionGroup
PUT /connection-group/{id} UpdateConnectionGroup
DELETE /connection-group/{id} DeleteConnectionGroup
POST /connection-groups ListConnectionGroups
POST /trust-store CreateTrustStore
GET /trust-store/{id} GetTrustStore
PUT /trust-store/{id} UpdateTrustStore
DELETE /trust-store/{id} DeleteTrustStore
POST /trust-stores ListTrustStores
POST /put-resource-policy PutResourcePolicy
POST /get-resource-policy GetResourcePolicy
POST /delete-resource-policy DeleteResourcePolicy
GET /managed-certificate/{id} GetManagedCertificateDetails
POST /domain-association UpdateDomainAssociation
POST /domain-conflicts ListDomainConflicts
POST /verify-dns-configuration VerifyDnsConfiguration
`

// unemulated are the operations that only say so. [API-211]
func unemulated() (all []operation) {
	for line := range strings.Lines(strings.TrimSpace(unemulatedOperations)) {
		words := strings.Fields(line)
		name := words[2]
		all = append(all, operation{name, words[0], words[1], func(*API, *call) (*reply, error) {
			return nil, refusal("UnsupportedOperation", name+" is not emulated by staleproof; docs/CONTROL.md lists what is.")
		}})
	}
	return all
}
