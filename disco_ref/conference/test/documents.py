"""Documents that the tests share."""

from __future__ import annotations

SAMPLE = b"""<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" xmlns:x="urn:example:x"
    entity="sip:team@example.com" state="full" version="7" x:hint="a">
  <conference-description>
    <display-text>Team</display-text>
    <subject>Weekly</subject>
    <free-text>Every Monday</free-text>
    <keywords>team weekly</keywords>
    <conf-uris><entry><uri>sip:team@example.com</uri><purpose>participation</purpose></entry></conf-uris>
    <service-uris state="partial">
      <entry>
        <uri>https://example.com/team</uri><display-text>Page</display-text><purpose>web-page</purpose>
        <modified><when>2010-06-28T08:00:00Z</when><reason>new</reason><by>sip:alice@example.com</by></modified>
        <x:weight>5</x:weight>
      </entry>
    </service-uris>
    <maximum-user-count>10</maximum-user-count>
    <available-media><entry label="1"><display-text>voice</display-text><type>audio</type><status>sendrecv</status></entry></available-media>
  </conference-description>
  <host-info><display-text>Example</display-text><web-page>https://example.com/</web-page></host-info>
  <conference-state><user-count>2</user-count><active>true</active><locked>0</locked></conference-state>
  <users>
    <user entity="sip:alice@example.com" state="full">
      <display-text>Alice</display-text>
      <associated-aors><entry><uri>tel:+12015550123</uri></entry></associated-aors>
      <roles><entry>organizer</entry><entry>participant</entry></roles>
      <languages>en de-AT</languages>
      <cascaded-focus>sip:other@example.net</cascaded-focus>
      <endpoint entity="sip:alice@192.0.2.1:5060">
        <display-text>Desk</display-text>
        <referred><when>2010-06-28T08:00:00+02:00</when></referred>
        <status>connected</status>
        <joining-method>dialed-in</joining-method>
        <joining-info><by>sip:alice@example.com</by></joining-info>
        <media id="1"><display-text>main</display-text><type>audio</type><label>1</label><src-id>4711</src-id><status>sendonly</status></media>
        <call-info><sip><call-id>a84b4c76@192.0.2.1</call-id><from-tag>1</from-tag><to-tag>2</to-tag></sip></call-info>
      </endpoint>
    </user>
    <user entity="sip:bob@example.com" state="deleted"/>
  </users>
  <sidebars-by-ref><entry><uri>sip:side@example.com</uri></entry></sidebars-by-ref>
  <sidebars-by-val state="partial"><entry entity="sip:side@example.com"><users/></entry></sidebars-by-val>
  <x:unknown x:a="b"><x:deep>text</x:deep> tail</x:unknown>
</conference-info>
"""
"""A conference document with every element of the schema at least once, made for the tests."""

MULTIFOCUS = b"""<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:team@example.com" version="1">
  <users>
    <user entity="sip:alice@example.com"/>
    <user entity="sip:bob@example.com"/>
  </users>
  <focus-states xmlns="http://www.example.org/inet-ci-multifocus-ext">
    <focus entity="sip:alice@example.com" state="full">
      <focus-capacity><max-participants>10</max-participants><max-focus-references>3</max-focus-references></focus-capacity>
      <participant entity="sip:bob@example.com"/>
      <graph state="partial"><ref-to-focus>sip:carol@example.com</ref-to-focus></graph>
    </focus>
  </focus-states>
</conference-info>
"""
"""A conference document with the multi-focus extension, made for the tests."""
