"""Names of parameters that tell where a reader came from, never which page it is: each whole, none by its beginning.

A name stands here only if no site is known to use it for anything else: a tracker that is left in an address costs a
look-up, since equal pages are found by their texts; a parameter that is wrongly dropped costs pages. `trk`, `oly`,
`itm`, `cmpid`, `sid` and `session_id` are used by pages, so they are not here, though lists of trackers have them for
some sites. After the names of ClearURLs' global rules, AdGuard's general TrackParamFilter and Firefox's query
stripping; those of Naver, Daum and Alibaba after what their advertisements append.
"""

from __future__ import annotations

_NAMES = """
utm_source utm_medium utm_campaign utm_term utm_content utm_id utm_name utm_source_platform utm_creative_format
utm_marketing_tactic utm_cid utm_reader utm_referrer utm_social utm_social-type utm_place utm_userid utm_viz_id
utm_pubreferrer utm_swu utm_brand utm_channel utm_keyword utm_kw utm_email utm_mailing utm_campaignid utm_adgroup
utm_klaviyo_id utm_hsenc utm_hash
ga_source ga_medium ga_term ga_content ga_campaign ga_place _ga _gl _gac gs_l
gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid
fbclid fb_action_ids fb_action_types fb_source fb_ref igsh igshid mibextid
msclkid yclid ysclid ymclid twclid ttclid sccid li_fat_id epik rdt_cid __twitter_impression
mtm_campaign mtm_cid mtm_content mtm_group mtm_keyword mtm_kwd mtm_medium mtm_placement mtm_source
matomo_campaign matomo_cid matomo_content matomo_group matomo_keyword matomo_medium matomo_placement matomo_source
piwik_campaign piwik_keyword piwik_kwd
pk_campaign pk_cid pk_content pk_keyword pk_kwd pk_medium pk_source
hsa_acc hsa_ad hsa_cam hsa_grp hsa_kw hsa_la hsa_mt hsa_net hsa_ol hsa_src hsa_tgt hsa_ver
_hsenc _hsmi __hssc __hstc __hsfp hsctatracking
mc_cid mc_eid mc_tc mkt_tok ml_subscriber ml_subscriber_hash vero_conv vero_id oly_anon_id oly_enc_id
_ke _kx __s dm_i _bta_c _bta_tid trk_contact trk_module trk_msg trk_sid ss_email_id
itm_campaign itm_content itm_medium itm_source itm_term
at_campaign at_medium xtor wt_mc wt_zmc s_cid s_kwcid ef_id mkwid pcrid
_openstat rb_clickid wickedid _branch_match_id guccounter guce_referrer guce_referrer_sig tblci dicbo
oft_c oft_ck oft_d oft_id oft_ids oft_k oft_lk oft_sid
spm napm n_media n_ad_group n_ad_group_type n_campaign_type n_keyword_id dmcol dmkw dmskw
"""
TRACKERS = frozenset(_NAMES.split())

# Session ids that a platform puts into addresses under a name of its own. Others are recognised by what a site does.
SESSIONS = frozenset(["phpsessid", "jsessionid", "cfid", "cftoken", "oscsid", "zenid"])


def is_dropped(name: str) -> bool:
    """Whether a parameter says nothing of the page, by its name, in whatever letter case."""
    return name.lower() in TRACKERS or name.lower() in SESSIONS
